/** What holds of the functions over groups and along a response. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drGrpoAdvantages, grpoAdvantages, rlooAdvantages, treeGrpoAdvantages } from './groups.ts';
import { minFormRewards } from './min-form.ts';
import { optimalValue } from './optimal-value.ts';
import { probabilityMask } from './probability-mask.ts';

const reward = fc.integer({ min: -64, max: 64 }).map((x) => x / 16);
const group = fc.array(reward, { minLength: 2, maxLength: 10 });
const factor = fc.constantFrom(0.5, 2, 8);

const near = (actual: number, expected: number, digits = 9): void => {
  expect(actual).toBeCloseTo(expected, digits);
};
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 9): void => {
  expect(actual.length).toBe(expected.length);
  Array.from(actual).forEach((a, k) => {
    near(a, expected[k]!, digits);
  });
};
describe('groups', () => {
  const all = { grpoAdvantages, drGrpoAdvantages, rlooAdvantages };

  test.each(Object.entries(all))('law: %s does not know the order of a group', (_, of) => {
    fc.assert(fc.property(group, (rewards) => close(of(rewards.toReversed()), of(rewards).toReversed())));
  });

  test.each(Object.entries(all))('law: %s never ranks a worse response above a better one', (_, of) => {
    fc.assert(
      fc.property(group, (rewards) => {
        const advantages = of(rewards);
        for (const [i, r] of rewards.entries())
          for (const [j, s] of rewards.entries()) if (r > s) expect(advantages[i]!).toBeGreaterThan(advantages[j]!);
      }),
    );
  });

  test('law: RLOO is n/(n − 1) times Dr. GRPO, which is GRPO times the deviation', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        const n = rewards.length;
        const plain = drGrpoAdvantages(rewards);
        close(
          rlooAdvantages(rewards),
          plain.map((a) => (a * n) / (n - 1)),
        );
        const deviation = Math.sqrt(plain.reduce((sum, a) => sum + a * a, 0) / (n - 1));
        close(
          grpoAdvantages(rewards, { epsilon: 0 }).map((a) => a * deviation),
          plain,
        );
      }),
    );
  });

  const trees = fc.array(group, { minLength: 1, maxLength: 4 });
  test('law: Tree-GRPO does not know the order of trees, nor a shift or, without ε, the unit', () => {
    fc.assert(
      fc.property(trees, reward, factor, (rewards, moved, by) => {
        const own = treeGrpoAdvantages(rewards, { epsilon: 0 });
        close(treeGrpoAdvantages(rewards.toReversed(), { epsilon: 0 }).toReversed().flat(), own.flat());
        const other = rewards.map((tree) => tree.map((r) => r * by + moved));
        close(treeGrpoAdvantages(other, { epsilon: 0 }).flat(), own.flat(), 7);
      }),
    );
  });

  test('law: Tree-GRPO’s advantages add up to 0, and within a tree to the question’s part', () => {
    fc.assert(
      fc.property(trees, (rewards) => {
        const own = treeGrpoAdvantages(rewards);
        near(
          own.flat().reduce((sum, a) => sum + a, 0),
          0,
          8,
        );
        const question = grpoAdvantages(rewards.flat());
        let at = 0;
        for (const [k, tree] of rewards.entries()) {
          const part = question.slice(at, at + tree.length).reduce((sum, a) => sum + a, 0);
          near(
            own[k]!.reduce((sum, a) => sum + a, 0),
            part,
            8,
          );
          at += tree.length;
        }
      }),
    );
  });

  test('law: nested, every tree adds up to 0', () => {
    fc.assert(
      fc.property(trees, (rewards) => {
        for (const tree of treeGrpoAdvantages(rewards, { combine: 'nested' }))
          near(
            tree.reduce((sum, a) => sum + a, 0),
            0,
            8,
          );
      }),
    );
  });
});

describe('minFormRewards', () => {
  test('law: no reward grows, and the least keeps the largest share', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        const shaped = minFormRewards(rewards);
        for (const [t, r] of shaped.entries()) expect(Math.abs(r)).toBeLessThanOrEqual(Math.abs(rewards[t]!) + 1e-12);
        const shares = shaped.map((r, t) => (rewards[t] === 0 ? 0 : r / rewards[t]!));
        const least = rewards.indexOf(Math.min(...rewards));
        if (rewards[least] !== 0) for (const share of shares) expect(share).toBeLessThanOrEqual(shares[least]! + 1e-12);
      }),
    );
  });

  test('law: the order of the steps is theirs alone', () => {
    fc.assert(
      fc.property(group, (rewards) =>
        close(minFormRewards(rewards.toReversed()), minFormRewards(rewards).toReversed()),
      ),
    );
  });

  test('law: rewards and temperature of another unit give the rewards in that unit', () => {
    fc.assert(
      fc.property(group, factor, (rewards, by) => {
        const scaled = minFormRewards(
          rewards.map((r) => r * by),
          { temperature: 0.1 * by },
        );
        close(
          scaled,
          minFormRewards(rewards).map((r) => r * by),
        );
      }),
    );
  });
});

describe('probabilityMask', () => {
  const logps = fc.array(
    fc.integer({ min: -40, max: 0 }).map((x) => x / 8),
    { maxLength: 8 },
  );
  const threshold = fc.constantFrom(0.1, 0.5, 0.9, 1);

  test('law: a token’s place decides nothing', () => {
    fc.assert(
      fc.property(logps, logps, threshold, (a, b, t) => {
        const mask = (x: readonly number[]) => probabilityMask(x, { threshold: t });
        expect(mask([...a, ...b])).toEqual([...mask(a), ...mask(b)]);
      }),
    );
  });

  test('law: a less likely token is never left out where a likelier one is trained', () => {
    fc.assert(
      fc.property(logps, threshold, (x, t) => {
        const mask = probabilityMask(x, { threshold: t });
        for (const [i, p] of x.entries())
          for (const [j, q] of x.entries()) if (p <= q) expect(mask[i]).toBeGreaterThanOrEqual(mask[j]!);
      }),
    );
  });

  test('law: 1 exactly below the threshold, 0 at it', () => {
    expect(probabilityMask([Math.log(0.5), Math.log(0.4999), Math.log(0.5001)], { threshold: 0.5 })).toEqual([0, 1, 0]);
    fc.assert(
      fc.property(logps, threshold, (x, t) => {
        expect(probabilityMask(x, { threshold: t })).toEqual(x.map((p) => Number(Math.exp(p) < t)));
      }),
    );
  });

  test('law: only 0 and 1, and what cannot have been drawn is trained', () => {
    expect(probabilityMask([Number.NEGATIVE_INFINITY])).toEqual([1]);
    fc.assert(
      fc.property(logps, threshold, (x, t) => probabilityMask(x, { threshold: t }).every((m) => m === 0 || m === 1)),
    );
  });
});

describe('optimalValue', () => {
  test('law: the order and the repetition of draws are nobody’s', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        near(optimalValue(rewards.toReversed()), optimalValue(rewards));
        near(optimalValue([...rewards, ...rewards]), optimalValue(rewards));
      }),
    );
  });

  test('law: a better draw makes a better value', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        expect(optimalValue([rewards[0]! + 1, ...rewards.slice(1)])).toBeGreaterThan(optimalValue(rewards));
      }),
    );
  });

  test('law: draws that are all alike are worth what they are', () => {
    fc.assert(fc.property(reward, factor, (r, beta) => near(optimalValue([r, r, r], { beta }), r)));
  });

  test('law: of two halves it is the value of their values', () => {
    fc.assert(
      fc.property(group, factor, (rewards, beta) => {
        const other = rewards.map((r) => r / 2);
        const halves = [optimalValue(rewards, { beta }), optimalValue(other, { beta })];
        near(optimalValue([...rewards, ...other], { beta }), optimalValue(halves, { beta }));
      }),
    );
  });
});
