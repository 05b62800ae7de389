import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, contentHash } from './hash.ts';

const json = fc.jsonValue({ stringUnit: 'binary' });

/** The same object with its keys put in from last to first, at every depth. */
const reordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reordered(item)]),
  );
};

test('canonical JSON is JSON, and reads back as the value', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order of keys does not matter; anything else does', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(contentHash(reordered(value))).toBe(contentHash(value));
    }),
  );
  fc.assert(
    fc.property(json, json, (one, other) => {
      fc.pre(canonicalJson(one) !== canonicalJson(other));
      expect(contentHash(one)).not.toBe(contentHash(other));
    }),
  );
});

test('SHA-256 as node:crypto computes it', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(contentHash(value)).toBe(createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex'));
    }),
  );
});

test("RFC 8785's own example of sorted keys and numbers", () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  expect(canonicalJson(value)).toBe(expected);
  expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 })).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  );
});

test('undefined fields are left out, typed arrays are arrays, −0 is 0', () => {
  expect(canonicalJson({ a: undefined, b: new Int32Array([1, 2]), c: -0 })).toBe('{"b":[1,2],"c":0}');
});

test('what JSON cannot hold is an error that names the place', () => {
  expect(() => contentHash({ a: [1, Number.NaN] })).toThrow(/value\.a\[1\] must be JSON .* got number NaN/);
  expect(() => contentHash([undefined])).toThrow(/value\[0\].* got undefined/);
  expect(() => contentHash({ when: new Date(0) })).toThrow(/value\.when must be a plain object or an array, got Date/);
  expect(() => contentHash({ n: 1n })).toThrow(/value\.n.* got bigint 1/);
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  expect(() => contentHash(cycle)).toThrow('canonicalJson: value.self contains itself');
});
