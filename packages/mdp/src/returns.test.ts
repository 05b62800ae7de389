import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { discountedReturns, lambdaReturns, outcomeRewards, shapedRewards, stepCredits, tdErrors } from './returns.ts';

const number = fc.double({ min: -2, max: 2, noNaN: true });
const episode = fc
  .integer({ min: 1, max: 12 })
  .chain((length) =>
    fc.record({
      rewards: fc.array(number, { minLength: length, maxLength: length }),
      inner: fc.array(number, { minLength: length, maxLength: length }),
    }),
  )
  .map(({ rewards, inner }) => ({ rewards, values: [...inner, 0] }));
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const close = (actual: readonly number[], expected: readonly number[], digits = 10) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, t) => {
    expect(value).toBeCloseTo(expected[t]!, digits);
  });
};
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('credits, DVO eq. 10', () => {
  test('telescope: Σ c_t = Σ r_t + V(s_T) − V(s_0)', () => {
    fc.assert(
      fc.property(episode, ({ rewards, values }) => {
        expect(sum(stepCredits(rewards, values))).toBeCloseTo(sum(rewards) - values[0]!, 10);
      }),
    );
  });

  test('the outcome as a reward (paper) or as the last value (code): the same credits', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 9 }), fc.boolean(), (values, right) => {
        const outcome = right ? 1 : -1;
        const paper = stepCredits(outcomeRewards(right, values.length), [...values, 0]);
        const code = stepCredits(new Array<number>(values.length).fill(0), [...values, outcome]);
        expect(code).toEqual(paper);
      }),
    );
  });

  test('both at once is an error', () => {
    expect(() => stepCredits([0, 1], [0.5, 0.5, 1])).toThrow(
      'stepCredits: values[T] must be 0 when the last reward is 1, got 1 (the outcome would count twice)',
    );
  });

  test('adding k to every value but the last changes the last credit only, by −k', () => {
    fc.assert(
      fc.property(episode, number, ({ rewards, values }, k) => {
        const shifted = values.map((value, t) => (t < rewards.length ? value + k : value));
        const expected = stepCredits(rewards, values);
        expected[rewards.length - 1]! -= k;
        close(stepCredits(rewards, shifted), expected);
      }),
    );
  });
});

describe('rewards', () => {
  test('sparse, with what each verdict is worth', () => {
    expect(outcomeRewards(true, 3)).toEqual([0, 0, 1]);
    expect(outcomeRewards(false, 1)).toEqual([-1]);
    expect(outcomeRewards(false, 2, { wrong: 0 })).toEqual([0, 0]);
    expect(outcomeRewards(undefined, 2)).toEqual([0, -1]);
    expect(outcomeRewards(undefined, 2, { wrong: 0 })).toEqual([0, 0]);
    expect(outcomeRewards(undefined, 2, { undecided: 0.5 })).toEqual([0, 0.5]);
    expect(() => outcomeRewards(true, 0)).toThrow('outcomeRewards: length must be a positive integer, got 0');
  });

  test('shaping by a potential that ends at 0 changes every return by −Φ(s_t) alone', () => {
    fc.assert(
      fc.property(episode, unit, ({ rewards, values }, discount) => {
        const plain = discountedReturns(rewards, { discount });
        const shaped = discountedReturns(shapedRewards(rewards, values, { discount }), { discount });
        close(
          shaped,
          plain.map((value, t) => value - values[t]!),
        );
      }),
    );
  });
});

describe('returns', () => {
  test('discounted: the sum written out', () => {
    fc.assert(
      fc.property(episode, unit, number, ({ rewards }, discount, bootstrap) => {
        const written = rewards.map((_, t) =>
          sum([...rewards.slice(t), bootstrap].map((reward, k) => discount ** k * reward)),
        );
        close(discountedReturns(rewards, { discount, bootstrap }), written);
      }),
    );
  });

  test('λ-return, DQO eq. 16: the weighted sum of n-step returns', () => {
    fc.assert(
      fc.property(episode, unit, ({ rewards, values }, lambda) => {
        const last = rewards.length - 1;
        const nStep = (t: number, n: number) => sum(rewards.slice(t, t + n)) + values[t + n]!;
        const written = rewards.map((_, t) => {
          const remaining = last - t + 1;
          const short = Array.from({ length: remaining - 1 }, (_, i) => lambda ** i * nStep(t, i + 1));
          return (1 - lambda) * sum(short) + lambda ** (remaining - 1) * nStep(t, remaining);
        });
        close(lambdaReturns(rewards, values.slice(1), { lambda }), written);
      }),
    );
  });

  test('λ-return = V + Σ (γλ)^k δ_{t+k}, the advantage form', () => {
    fc.assert(
      fc.property(episode, unit, unit, ({ rewards, values }, lambda, discount) => {
        const errors = tdErrors(rewards, values, { discount });
        const written = rewards.map(
          (_, t) => values[t]! + sum(errors.slice(t).map((error, k) => (discount * lambda) ** k * error)),
        );
        close(lambdaReturns(rewards, values.slice(1), { lambda, discount }), written, 8);
      }),
    );
  });

  test('ends of λ: one-step TD at 0, the Monte-Carlo return at 1', () => {
    fc.assert(
      fc.property(episode, unit, ({ rewards, values }, discount) => {
        const next = values.slice(1);
        close(
          lambdaReturns(rewards, next, { lambda: 0, discount }),
          rewards.map((reward, t) => reward + discount * next[t]!),
        );
        close(lambdaReturns(rewards, next, { lambda: 1, discount }), discountedReturns(rewards, { discount }));
      }),
    );
  });

  test('golden: the DQO vector at four λ', () => {
    const returns = (lambda: number) => lambdaReturns([0.006, -0.006, 0.018, 0.994], [0.2, -0.3, 0.6, 0], { lambda });
    close(returns(0), [0.206, -0.306, 0.618, 0.994]);
    close(returns(0.3), [0.147458, 0.00486, 0.7362, 0.994]);
    close(returns(0.95), [0.89160075, 0.921685, 0.9923, 0.994]);
    close(returns(1), [1.012, 1.006, 1.012, 0.994]);
  });

  test("golden: rlax's published vector, with a discount a step", () => {
    const rows = [
      [
        [1, 0, -1, 0, 1],
        [0.5, 0.9, 1, 0.5, 0.8],
        [3, 1, 5, -5, 3],
        [1.6460547, 0.72281253, 0.7375001, 0.6500001, 3.4],
      ],
      [
        [0.5, 0.8, -0.7, 0, 2.1],
        [0.9, 0.5, 0.3, 0.8, 0.7],
        [-1.7, 1.2, 2.3, 2.2, 2.7],
        [0.7866317, 0.9913063, 0.1101501, 2.834, 3.99],
      ],
    ] as const;
    for (const [rewards, discount, next, expected] of rows) {
      close(lambdaReturns(rewards, next, { lambda: 0.75, discount }), expected, 6);
    }
  });

  test('an empty trajectory has no returns', () => {
    expect(lambdaReturns([], [])).toEqual([]);
    expect(discountedReturns([])).toEqual([]);
    expect(stepCredits([], [0])).toEqual([]);
  });
});

test('errors name function, argument, got and expected', () => {
  expect(() => stepCredits([0, 1], [0, 0])).toThrow('stepCredits: values.length must be 3, got 2');
  expect(() => lambdaReturns([0], [0], { lambda: 1.5 })).toThrow('lambdaReturns: lambda must be in [0, 1], got 1.5');
  expect(() => lambdaReturns([0], [0, 0])).toThrow(
    'lambdaReturns: nextValues.length must be 1, got 2 (V(s_1) … V(s_T), without V(s_0))',
  );
  expect(() => tdErrors([0], [0, 0], { discount: Number.NaN })).toThrow(
    'tdErrors: discount must be in [0, 1], got NaN',
  );
  expect(() => discountedReturns([0, 0], { discount: [1] })).toThrow(
    'discountedReturns: discount.length must be 2, got 1',
  );
  expect(() => shapedRewards([0], [0])).toThrow('shapedRewards: potentials.length must be 2, got 1');
});
