import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goldensOf } from '../test-support/advantage-goldens.ts';
import { minFormRewards } from './min-form.ts';
import { probabilityMask } from './probability-mask.ts';

const rewards = fc.array(
  fc.integer({ min: -64, max: 64 }).map((x) => x / 64),
  { minLength: 1, maxLength: 8 },
);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test.each(goldensOf('minFormRewards'))('golden %s', (_, golden) => {
  minFormRewards(golden.rewards).forEach((r, t) => {
    expect(r).toBeCloseTo(golden.shaped[t]!, 12);
  });
});

test('law: the sum lies between the least and the mean', () => {
  fc.assert(
    fc.property(rewards, fc.constantFrom(0.01, 0.1, 1, 100), (r, temperature) => {
      const total = sum(minFormRewards(r, { temperature }));
      expect(total).toBeGreaterThanOrEqual(Math.min(...r) - 1e-12);
      expect(total).toBeLessThanOrEqual(sum(r) / r.length + 1e-12);
    }),
  );
});

test('law: cold, the sum is the least; hot, it is the mean', () => {
  fc.assert(
    fc.property(rewards, (r) => {
      expect(sum(minFormRewards(r, { temperature: 1e-4 }))).toBeCloseTo(Math.min(...r), 6);
      expect(sum(minFormRewards(r, { temperature: 1e8 }))).toBeCloseTo(sum(r) / r.length, 6);
    }),
  );
});

test('law: steps keep their sign, and equal steps share alike', () => {
  fc.assert(
    fc.property(rewards, (r) => {
      const shaped = minFormRewards([...r, r[0]!]);
      shaped.forEach((x, t) => {
        if (Math.abs(x) > 1e-300) expect(Math.sign(x)).toBe(Math.sign([...r, r[0]!][t]!));
      });
      expect(shaped[0]).toBe(shaped.at(-1));
    }),
  );
});

test('law: a mask at threshold 1 leaves out what was certain alone, and a lower one leaves out more', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -40, max: 0 }).map((x) => x / 8)), (logps) => {
      expect(probabilityMask(logps, { threshold: 1 })).toEqual(logps.map((logp) => (logp < 0 ? 1 : 0)));
      const [few, many] = [0.5, 0.9].map((threshold) => probabilityMask(logps, { threshold }));
      few!.forEach((m, t) => {
        expect(m).toBeLessThanOrEqual(many![t]!);
      });
    }),
  );
});

test('errors', () => {
  expect(() => minFormRewards([1], { temperature: 0 })).toThrow('temperature must be a finite number > 0, got 0');
  expect(() => minFormRewards([Number.NaN])).toThrow('minFormRewards: rewards must be finite numbers, got NaN at 0');
  expect(minFormRewards([])).toEqual([]);
  expect(() => probabilityMask([0.1])).toThrow('probabilityMask: logps must be ≤ 0, got 0.1 at 0');
  expect(() => probabilityMask([-1], { threshold: 0 })).toThrow('threshold must be in (0, 1], got 0');
});
