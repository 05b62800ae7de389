import { expect, test } from 'vitest';
import { overSeeds } from './intervals.ts';

test('the t interval of a textbook sample: 1, 2, 3, 4, 5 is 3 ± 2.776 · √(2.5 / 5)', () => {
  const { mean, low, high, seeds } = overSeeds([[1], [2], [3], [4], [5]]);
  expect([mean, seeds]).toEqual([3, 5]);
  expect(high - mean).toBeCloseTo(2.776 * Math.sqrt(0.5), 12);
  expect(mean - low).toBeCloseTo(high - mean, 12);
});

test('trainings of one seed count once', () => {
  expect(overSeeds([[1, 3], [4]])).toEqual(overSeeds([[2], [4]]));
});

test('one seed has no bounds, none is an error', () => {
  expect(overSeeds([[2]])).toEqual({
    mean: 2,
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    seeds: 1,
  });
  expect(() => overSeeds([[]])).toThrow('overSeeds: expected at least one data seed');
});
