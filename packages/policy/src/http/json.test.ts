import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { PolicyError } from './errors.ts';
import { parseJson } from './json.ts';

const schema = z.object({ a: z.number() });

it('reads what has the shape', () => {
  expect(parseJson(schema, '{"a":1,"b":2}')).toEqual({ a: 1 });
});

it('throws a malformed PolicyError and nothing else, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        expect(typeof parseJson(schema, text).a).toBe('number');
      } catch (error) {
        expect(PolicyError.isInstance(error) && error.failure.kind).toBe('malformed');
      }
    }),
  );
});

it('names the place, and stays short', () => {
  expect(() => parseJson(schema, '{"a":"x"}')).toThrow(/a: .*number/);
  expect(() => parseJson(z.array(schema), JSON.stringify(Array(1000).fill({ a: 'x' })))).toThrow(/^.{1,400}$/);
});
