import { expect, test } from 'vitest';
import { createBudget } from '../../budget.ts';
import { exactValue } from '../../numbers/exact.ts';
import { read } from '../../test-support/reading.ts';

test('units, per cents, multipliers, compound quantities', () => {
  expect(read('5 \\text{ cm}^2')).toMatchObject({ k: 'unit', unit: 'cm^2' });
  expect(read('60 km/h')).toMatchObject({ k: 'unit', unit: 'km/h' });
  expect(read('5 percent')).toMatchObject({ k: 'percent' });
  expect(exactValue(read('2 million'), createBudget())?.n).toBe(2_000_000n);
  expect(exactValue(read('2 hours 30 minutes'), createBudget())).toMatchObject({ n: 5n, d: 2n });
});

test('conditions: in words, in parentheses, after a comma', () => {
  for (const text of [
    '2^n \\text{ for all } n',
    'a_n = 2n (n \\in N^*)',
    '2k, k \\in \\mathbb{Z}',
    'ax, where a is real',
  ]) {
    expect(read(text), text).toMatchObject({ k: 'qualified' });
  }
});

test('residues are reduced', () => {
  expect(read('7 \\pmod 5')).toEqual(read('2 (mod 5)'));
});
