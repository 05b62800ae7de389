import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanInterval } from './mean-interval.ts';

test('golden: 1, 2, 3, 4, 5 is 3 ± 2.776 · √(2.5 / 5)', () => {
  const { mean, low, high } = meanInterval([1, 2, 3, 4, 5]);
  expect(mean).toBe(3);
  expect(high - mean).toBeCloseTo(2.776 * Math.sqrt(0.5), 12);
  expect(mean - low).toBeCloseTo(2.776 * Math.sqrt(0.5), 12);
});

// Student's t at 97.5 % (Fisher and Yates, table III).
test.each([
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [9, 2.262],
  [10, 2.228],
  [30, 2.042],
  [120, 1.98],
])('the half width of %i degrees of freedom is that of the table', (freedom, t) => {
  const values = Array.from({ length: freedom + 1 }, (_, i) => i % 3);
  const { mean, low, high } = meanInterval(values);
  const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / freedom / values.length);
  expect(Math.abs((high - low) / 2 / spread - t)).toBeLessThan(5e-4);
});

test('it moves and stretches with its numbers; a single one has no bounds', () => {
  const list = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(list, (values) => {
      const [own, other] = [meanInterval(values), meanInterval(values.map((x) => 2 * x + 1))];
      expect(other.low).toBeCloseTo(2 * own.low + 1, 9);
      expect(other.high).toBeCloseTo(2 * own.high + 1, 9);
    }),
  );
  expect(meanInterval([7])).toEqual({ mean: 7, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
});

test('no number, and one that is not finite, are refused', () => {
  expect(() => meanInterval([])).toThrow('at least one, got none');
  expect(() => meanInterval([1, Number.NaN])).toThrow('finite numbers, at least one, got NaN');
});
