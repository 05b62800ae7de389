import { expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import { exactValue } from '../numbers/exact.ts';
import { based, conversion, determinant, fraction, mixed, num, number, repeating, sum } from './build.ts';

const budget = createBudget();

test('literals know their digits', () => {
  expect(number('0.0450', budget)?.decimals).toEqual({ places: 4, significant: 3 });
  expect(number('1.5e3', budget)).toMatchObject({ value: { n: 1500n }, decimals: { places: -2 } });
  expect(number('12', budget)?.decimals).toBeUndefined();
});

test('mixed numbers need a proper fraction', () => {
  expect(mixed(num(2), fraction('3', '4', budget)!, budget)?.value).toEqual({ n: 11n, d: 4n });
  expect(mixed(num(4), fraction('10', '3', budget)!, budget)).toBeUndefined();
  expect(mixed(number('2.5', budget)!, fraction('1', '2', budget)!, budget)).toBeUndefined();
});

test('repeating decimals, bases, sums, conversions, determinants', () => {
  expect(repeating('0.1', '6', budget)?.value).toEqual({ n: 1n, d: 6n });
  expect(based(num(204), '5')).toEqual({ k: 'based', digits: '204', base: 5 });
  expect(based(num(209), '5')).toBeUndefined();
  expect(sum([num(1), sum([num(2), num(3)])])).toMatchObject({ k: 'add', args: { length: 3 } });
  expect(exactValue(conversion(0.0254), budget)).toMatchObject({ n: 127n, d: 5000n });
  expect(
    exactValue(
      determinant([
        [num(1), num(2)],
        [num(3), num(4)],
      ])!,
      budget,
    )?.n,
  ).toBe(-2n);
  expect(determinant([[num(1), num(2)]])).toBeUndefined();
});
