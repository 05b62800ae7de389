import { expect, test } from 'vitest';
import { contextOf, read } from '../test-support/reading.ts';
import { sameExactly } from './symbolic.ts';

const names = ['x', 'y'];
const same = (a: string, b: string, atoms = false) => sameExactly(read(a), read(b), names, atoms, contextOf());

test('polynomials and rational functions are decided', () => {
  expect(same('(x+y)^3', 'x^3+3x^2y+3xy^2+y^3')).toBe(true);
  expect(same('\\frac{x^2-y^2}{x-y}', 'x+y')).toBe(true);
  expect(same('(x+y)^3', 'x^3+y^3')).toBe(false);
  expect(same('|x|', 'x')).toBe(false);
  expect(same('\\lfloor x \\rfloor', 'x')).toBe(false);
});

test('irrational parts leave it open, or stand for unknowns', () => {
  expect(same('\\sqrt{2}x+\\sqrt{2}y', '\\sqrt{2}(x+y)')).toBeUndefined();
  expect(same('\\sqrt{2}x+\\sqrt{2}y', '\\sqrt{2}(x+y)', true)).toBe(true);
  expect(same('\\sqrt{2}\\sqrt{2}x', '2x', true)).toBeUndefined();
});

test('it takes its share of the budget and no more', () => {
  const context = contextOf();
  const before = context.budget.left;
  sameExactly(read('\\sum_{k=1}^{2000} \\frac{x}{k}'), read('\\sum_{k=1}^{2000} \\frac{x}{k}'), ['x'], false, context);
  expect(before - context.budget.left).toBeLessThanOrEqual(60_000);
});
