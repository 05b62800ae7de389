import fc from 'fast-check';
import { expect, test } from 'vitest';
import { optimalValue } from './optimal-value.ts';

const rewards = fc.array(
  fc.integer({ min: -32, max: 32 }).map((x) => x / 16),
  { minLength: 1, maxLength: 9 },
);
const mean = (r: readonly number[]): number => r.reduce((sum, x) => sum + x, 0) / r.length;

test('closed form: one right of four at β = ½ is ½ log((e² + 3)/4)', () => {
  expect(optimalValue([1, 0, 0, 0], { beta: 0.5 })).toBeCloseTo(0.5 * Math.log((Math.exp(2) + 3) / 4), 12);
});

test('law: between the mean and the best, and falling with β from one to the other', () => {
  fc.assert(
    fc.property(rewards, (r) => {
      const along = [1e-3, 0.1, 1, 10, 1e6].map((beta) => optimalValue(r, { beta }));
      expect(along[0]).toBeCloseTo(Math.max(...r), 1);
      expect(along[4]).toBeCloseTo(mean(r), 4);
      along.slice(1).forEach((v, k) => {
        expect(v).toBeLessThanOrEqual(along[k]! + 1e-9);
      });
    }),
  );
});

test('law: rewards and β of another unit give the value in that unit, and a shift shifts it', () => {
  fc.assert(
    fc.property(rewards, fc.constantFrom(0.5, 4), (r, unit) => {
      const value = optimalValue(r, { beta: 0.7 });
      expect(
        optimalValue(
          r.map((x) => unit * x),
          { beta: unit * 0.7 },
        ),
      ).toBeCloseTo(unit * value, 9);
      expect(
        optimalValue(
          r.map((x) => x + 3),
          { beta: 0.7 },
        ),
      ).toBeCloseTo(value + 3, 9);
    }),
  );
});

test('edge: rewards far beyond e’s reach', () => {
  expect(optimalValue([1e5, 0], { beta: 1 })).toBeCloseTo(1e5 - Math.LN2, 6);
});

test('errors', () => {
  expect(() => optimalValue([])).toThrow('optimalValue: rewards must hold at least one, got none');
  expect(() => optimalValue([Number.NaN])).toThrow('optimalValue: rewards must be finite numbers, got NaN at 0');
  expect(() => optimalValue([1], { beta: 0 })).toThrow('optimalValue: beta must be a finite number > 0, got 0');
});
