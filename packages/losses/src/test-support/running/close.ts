import { expect } from 'vitest';
import { inOperations } from './backend.ts';

/** |actual − expected| ≤ relative·|expected| + absolute; NaN equals NaN, infinities equal themselves. */
export function isClose(actual: number, expected: number, relative: number, absolute: number): boolean {
  if (Number.isNaN(expected) || Number.isNaN(actual)) return Number.isNaN(expected) && Number.isNaN(actual);
  if (!Number.isFinite(expected)) return actual === expected;
  return Math.abs(actual - expected) <= relative * Math.abs(expected) + absolute;
}

/**
 * float32 against the float64 reference: 1e-5 relative, element by element. `magnitude` is the size of the terms that were
 * added up: what cancels below float64's resolution of them (1e-13) is not asked for. Where formulas run as float32
 * operations, cancellation is bounded by float32's resolution instead.
 */
export function expectFloat32(
  actual: readonly number[],
  expected: readonly number[],
  magnitude = 0,
  what = 'numbers',
): void {
  expect(actual.length, `how many ${what}`).toBe(expected.length);
  const largest = Math.max(magnitude, ...expected.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0)));
  const [relative, absolute] = inOperations ? [1e-4, 1e-5 * largest + 1e-6] : [1e-5, 1e-13 * largest + 1e-37];
  const at = actual.findIndex(
    (x, i) =>
      !isClose(x, Math.abs(expected[i]!) > 3.4e38 ? Math.sign(expected[i]!) / 0 : expected[i]!, relative, absolute),
  );
  if (at >= 0)
    expect.fail(
      `${what}[${at}]: got ${actual[at]}, expected ${expected[at]} (relative ${relative}, absolute ${absolute})`,
    );
}

/** float64 against float64: 1e-12 relative, and as much absolute for what is 0 but for rounding. */
export function expectFloat64(actual: readonly number[], expected: readonly number[], what = 'numbers'): void {
  expect(actual.length, `how many ${what}`).toBe(expected.length);
  const at = actual.findIndex((x, i) => !isClose(x, expected[i]!, 1e-12, 1e-14));
  if (at >= 0) expect.fail(`${what}[${at}]: got ${actual[at]}, expected ${expected[at]}`);
}

/**
 * Two means of squares whose residuals are the same but for rounding. A residual is a sum of `terms` numbers up to `largest`, each partial sum
 * rounded once, so that it is off by no more than terms²·largest·ε; the roots of the means differ by no more than that (triangle
 * inequality), besides float32's rounding of the two results.
 */
export function expectSameSquares(actual: number, expected: number, terms: number, largest: number): void {
  const epsilon = inOperations ? 2 ** -23 : 2 ** -52;
  const [a, b] = [Math.sqrt(actual), Math.sqrt(expected)];
  if (!isClose(a, b, inOperations ? 1e-4 : 1e-6, 2 * terms ** 2 * largest * epsilon))
    expect.fail(`got ${actual}, expected ${expected}`);
}
