import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pairedDifference } from './paired-difference.ts';

test('golden: the paired t interval', () => {
  const before = [0, 0, 1, 0, 1, 0, 0, 1];
  const after = [1, 0, 1, 1, 1, 0, 1, 1];
  // d = 3/8, s² = 15/56, t(0.975, 7) = 2.364624: half = 2.364624·√(15/448)
  const { difference, low, high } = pairedDifference(before, after);
  expect(difference).toBe(0.375);
  expect(high - difference).toBeCloseTo(2.364624 * Math.sqrt(15 / 448), 3);
  expect(difference - low).toBeCloseTo(2.364624 * Math.sqrt(15 / 448), 3);
});

// Student's t at 97.5 % (Fisher and Yates, table III).
test.each([
  [4, 2.776],
  [5, 2.571],
  [9, 2.262],
  [29, 2.045],
  [120, 1.98],
])('the half width of %i degrees of freedom is that of the table', (freedom, t) => {
  const count = freedom + 1;
  const after = Array.from({ length: count }, (_, i) => i % 3);
  const mean = after.reduce((sum, x) => sum + x, 0) / count;
  const spread = Math.sqrt(after.reduce((sum, x) => sum + (x - mean) ** 2, 0) / freedom / count);
  const { low, high } = pairedDifference(new Array<number>(count).fill(0), after);
  expect(Math.abs((high - low) / 2 / spread - t)).toBeLessThan(0.01);
});

test('it turns with its sides, moves with a constant, and is certain where nothing varies', () => {
  const list = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), { minLength: 5 });
  fc.assert(
    fc.property(list, (pairs) => {
      const [before, after] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
      const one = pairedDifference(before, after);
      const turned = pairedDifference(after, before);
      expect(turned.difference).toBeCloseTo(-one.difference, 12);
      expect(turned.high).toBeCloseTo(-one.low, 12);
      const moved = pairedDifference(
        before,
        after.map((y) => y + 1),
      );
      expect(moved.low).toBeCloseTo(one.low + 1, 10);
      expect(pairedDifference(before, before)).toEqual({ difference: 0, low: 0, high: 0 });
    }),
  );
});

test('what is not paired is refused', () => {
  expect(() => pairedDifference([1, 0, 1, 1], [1, 0, 1, 1])).toThrow('five questions or more, got 4 and 4');
  expect(() => pairedDifference([1, 0, 1, 1, 0], [1, 0, 1, 1])).toThrow('got 5 and 4');
  expect(() => pairedDifference([1, 0, 1, 1, Number.NaN], [1, 0, 1, 1, 0])).toThrow('finite, got NaN and 0 at 4');
});
