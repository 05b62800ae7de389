import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goldensOf } from '../test-support/advantage-goldens.ts';
import { drGrpoAdvantages, grpoAdvantages, rlooAdvantages, treeGrpoAdvantages } from './groups.ts';

const reward = fc.integer({ min: -64, max: 64 }).map((x) => x / 16);
const group = fc.array(reward, { minLength: 2, maxLength: 12 });
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const close = (actual: readonly number[], expected: readonly number[], digits = 10): void => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((a, k) => {
    expect(a).toBeCloseTo(expected[k]!, digits);
  });
};

const functions = { grpoAdvantages, drGrpoAdvantages, rlooAdvantages };

test.each(Object.keys(functions).flatMap(goldensOf))('golden %s', (_, golden) => {
  close(functions[golden.function as keyof typeof functions](golden.rewards), golden.advantages, 12);
});

test.each(goldensOf('treeGrpoAdvantages'))('golden %s', (_, { rewards, advantages, options }) => {
  const actual = treeGrpoAdvantages(rewards as never, options as never);
  close(actual.flat(), (advantages as unknown as number[][]).flat(), 12);
});

test('law: advantages of a group add up to 0', () => {
  fc.assert(
    fc.property(group, (rewards) => {
      for (const of of Object.values(functions)) expect(Math.abs(sum(of(rewards)))).toBeLessThan(1e-9);
    }),
  );
});

test('law: adding a number to all rewards changes nothing', () => {
  fc.assert(
    fc.property(group, reward, (rewards, by) => {
      for (const of of Object.values(functions)) close(of(rewards.map((r) => r + by)), of(rewards));
    }),
  );
});

test('law: GRPO does not know the scale of rewards; the others grow with it', () => {
  fc.assert(
    fc.property(group, fc.constantFrom(0.5, 2, 8), (rewards, by) => {
      const larger = rewards.map((r) => r * by);
      close(grpoAdvantages(larger, { epsilon: 0 }), grpoAdvantages(rewards, { epsilon: 0 }));
      close(
        drGrpoAdvantages(larger),
        drGrpoAdvantages(rewards).map((a) => a * by),
      );
    }),
  );
});

test('law: without ε, GRPO has a deviation of 1', () => {
  fc.assert(
    fc.property(group, (rewards) => {
      fc.pre(new Set(rewards).size > 1);
      const squares = sum(grpoAdvantages(rewards, { epsilon: 0 }).map((a) => a * a));
      expect(squares / (rewards.length - 1)).toBeCloseTo(1, 10);
    }),
  );
});

test('law: RLOO is the reward above the mean of the others', () => {
  fc.assert(
    fc.property(group, (rewards) => {
      close(
        rlooAdvantages(rewards),
        rewards.map((r, i) => r - sum(rewards.filter((_, j) => j !== i)) / (rewards.length - 1)),
      );
    }),
  );
});

test('law: one tree is compared with itself twice', () => {
  fc.assert(
    fc.property(group, (rewards) => {
      close(
        treeGrpoAdvantages([rewards])[0]!,
        grpoAdvantages(rewards).map((a) => 2 * a),
      );
    }),
  );
});

test('law: trees of one leaf each are a group', () => {
  fc.assert(
    fc.property(group, (rewards) => {
      close(treeGrpoAdvantages(rewards.map((r) => [r])).flat(), grpoAdvantages(rewards));
    }),
  );
});

test('edge: a group of one, of none, and one of equals say nothing: 0 exactly', () => {
  for (const of of Object.values(functions)) {
    expect(of([])).toEqual([]);
    expect(of([1])).toEqual([0]);
    expect(of([0.1, 0.1, 0.1])).toEqual([0, 0, 0]);
  }
  expect(grpoAdvantages([0.1, 0.1, 0.1], { epsilon: 0 })).toEqual([0, 0, 0]);
});

test('errors', () => {
  expect(() => grpoAdvantages([1, Number.NaN])).toThrow('grpoAdvantages: rewards must be finite numbers, got NaN at 1');
  expect(() => rlooAdvantages([Number.POSITIVE_INFINITY])).toThrow('rlooAdvantages: rewards must be finite numbers');
  expect(() => grpoAdvantages([1], { epsilon: -1 })).toThrow(
    'grpoAdvantages: epsilon must be a finite number ≥ 0, got -1',
  );
  expect(() => grpoAdvantages([1], { eps: 1 } as never)).toThrow("unknown option 'eps'");
  expect(() => treeGrpoAdvantages([[1]], { combine: 'mean' as never })).toThrow(
    `combine must be 'sum' | 'nested', got "mean"`,
  );
});
