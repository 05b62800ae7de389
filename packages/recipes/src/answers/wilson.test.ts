import fc from 'fast-check';
import { expect, test } from 'vitest';
import { showAccuracy, wilson } from './wilson.ts';

test('golden: Wilson intervals by the closed form', () => {
  // statsmodels.stats.proportion.proportion_confint(45, 100, method='wilson')
  const { low, high } = wilson(45, 100);
  expect(low).toBeCloseTo(0.3561, 4);
  expect(high).toBeCloseTo(0.5476, 4);
  expect(wilson(0, 10)).toMatchObject({ accuracy: 0, low: 0 });
  expect(wilson(0, 10).high).toBeCloseTo(0.2775, 4);
  expect(wilson(0, 0)).toEqual({ accuracy: 0, low: 0, high: 1 });
});

test('the interval holds the share, mirrors with it, and narrows with more questions', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, share) => {
      const right = Math.round(share * total);
      const one = wilson(right, total);
      const mirrored = wilson(total - right, total);
      const ten = wilson(10 * right, 10 * total);
      expect(one.low).toBeLessThanOrEqual(one.accuracy + 1e-12);
      expect(one.high).toBeGreaterThanOrEqual(one.accuracy - 1e-12);
      expect(one.low).toBeCloseTo(1 - mirrored.high, 10);
      expect(ten.high - ten.low).toBeLessThan(one.high - one.low);
    }),
  );
});

test('people read percent', () => {
  expect(showAccuracy(wilson(45, 100))).toBe('45.0 % (35.6 to 54.8)');
});
