import { expect, test } from 'vitest';
import { cutAt, trailingNewlines } from './format.ts';

test('cuts at repeated places, at the ends, or nowhere', () => {
  expect(cutAt('abcd', [2, 2, 4])).toEqual(['ab', 'cd']);
  expect(cutAt('abcd', [0, 3])).toEqual(['abc', 'd']);
  expect(cutAt('abcd', [])).toEqual(['abcd']);
  expect(cutAt('', [])).toEqual([]);
});

test('trailing newlines are counted from the end, pairs as one', () => {
  expect(trailingNewlines('a\r\n\n', 2)).toBe(3);
  expect(trailingNewlines('a\n', 2)).toBe(0);
  expect(trailingNewlines('\n\n', 1)).toBe(2);
  expect(trailingNewlines('', 1)).toBe(0);
});
