import { expect, test } from 'vitest';
import { createBudget } from '../../budget.ts';
import { exactValue } from '../../numbers/exact.ts';
import { read } from '../../test-support/reading.ts';

const value = (text: string): number => {
  const x = exactValue(read(text), createBudget())!;
  return Number(x.n) / Number(x.d);
};

test.each([
  ['1-2-3', -4],
  ['2*-3', -6],
  ['--4', 4],
  ['12/3/2', 2],
  ['1/2*4', 2],
  ['2^3^2', 512],
  ['-2^2', -4],
  ['{3 \\over 4}', 0.75],
  ['5 \\choose 2', 10],
  ['3!2', 12],
  ['2(3)(4)', 24],
  ['10^{-2}', 0.01],
  ['2**3', 8],
])('%s = %f', (text, expected) => expect(value(text)).toBe(expected));

test('signs before a term multiply out, ± and − make ∓', () => {
  expect(read('-\\pm 2')).toMatchObject({ k: 'pm', flip: true });
});
