import { expect, test } from 'vitest';
import { isEquivalent } from '../index.ts';

test.each([
  ['a_0 + a_1 + \\cdots + a_k', 'a_k + a_{k-1} + \\ldots + a_0', true],
  ['a_0 + a_1 + a_2 + \\cdots + a_k', 'a_0 + a_1 + \\cdots + a_k', true],
  ['a_0 + a_1 + \\cdots + a_k', 'a_0 + a_1 + \\cdots + a_n', false],
  ['1 + 2 + \\cdots + n', '1 + 3 + \\cdots + n', false],
  ['1 \\cdot 2 \\cdots n', '1 + 2 + \\cdots + n', false],
] as const)('%s and %s: %s', (gold, prediction, expected) =>
  expect(isEquivalent(gold, prediction).equivalent === true).toBe(expected),
);
