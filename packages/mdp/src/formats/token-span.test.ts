import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenSpanFormat } from './token-span.ts';

const characters = {
  encode: (text: string): number[] => [...text].map((sign) => sign.codePointAt(0)!),
  decode: (ids: readonly number[]): string => String.fromCodePoint(...ids),
};
const bytes = {
  encode: (text: string): number[] => [...new TextEncoder().encode(text)],
  decode: (ids: readonly number[]): string =>
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids)),
};

test('every span but the last has the length asked for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, length) => {
      const steps = tokenSpanFormat({ length, ...characters, wholeBlocks: false }).split(text);
      for (const step of steps.slice(0, -1)) expect([...step].length).toBe(length);
      expect(steps.length).toBe(Math.ceil([...text].length / length));
    }),
  );
});

test('a span waits for the rest of a character', () => {
  expect(tokenSpanFormat({ length: 1, ...bytes }).split('aé😀b')).toEqual(['a', 'é', '😀', 'b']);
  expect(tokenSpanFormat({ length: 2, ...bytes }).split('aé😀b')).toEqual(['aé', '😀', 'b']);
});

test('math stays whole unless that is switched off', () => {
  const text = 'ab$$xyz$$cd';
  expect(tokenSpanFormat({ length: 4, ...characters }).split(text)).toEqual(['ab$$xyz$$cd']);
  expect(tokenSpanFormat({ length: 3, ...characters }).split(text)).toEqual(['ab$$xyz$$', 'cd']);
  expect(tokenSpanFormat({ length: 4, ...characters, wholeBlocks: false }).split(text)).toEqual([
    'ab$$',
    'xyz$',
    '$cd',
  ]);
});

test('terminal and answer are those of the base; there is no delimiter', () => {
  const format = tokenSpanFormat({ length: 4, ...characters });
  expect(format.answer('so \\boxed{5}')).toBe('5');
  expect(format.delimiterLength('a\n\n')).toBe(0);
  expect(() => tokenSpanFormat({ length: 0, ...characters })).toThrow(
    'tokenSpanFormat: length must be a positive integer, got 0',
  );
});
