import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lambdaReturns } from './lambda-returns.ts';
import type { Matrix } from './reference/index.ts';
import * as reference from './reference/index.ts';
import { type InputSpecs, inputsOf } from './testing/arbitraries.ts';
import { type Arrays, flat, toTensor } from './testing/arrays.ts';
import { onBackend } from './testing/backend.ts';
import { expectFloat32, expectFloat64 } from './testing/close.ts';
import { golden, numbers } from './testing/golden.ts';

const specs: InputSpecs = {
  rewards: { shape: 'B S', kind: 'rewards' },
  nextValues: { shape: 'B S', kind: 'values' },
  mask: { shape: 'B S', kind: 'mask' },
};
const drawn = inputsOf(specs, 2);
const lambda = fc.constantFrom(0, 0.3, 0.5, 0.95, 1);

function run(inputs: Arrays, l: number): number[] {
  const [rewards, nextValues, mask] = ['rewards', 'nextValues', 'mask'].map((name) => toTensor(inputs[name]));
  return Array.from(lambdaReturns(rewards, nextValues, mask, { lambda: l }).dataSync());
}
const exact = (inputs: Arrays, l: number): number[] =>
  reference
    .lambdaReturns(inputs.rewards as Matrix, inputs.nextValues as Matrix, inputs.mask as Matrix, { lambda: l })
    .flat();

onBackend('lambdaReturns', () => {
  for (const key of Object.keys(golden).filter((name) => name.startsWith('dqo.lambda_return'))) {
    test(`golden ${key}`, () => {
      const values = numbers(key, 'values');
      const inputs = {
        rewards: [numbers(key, 'rho')],
        nextValues: [[...values.slice(1), 0]],
        mask: [values.map(() => 1)],
      };
      const l = Number(key.slice(key.indexOf('lam', 15) + 3));
      expectFloat64(exact(inputs, l), numbers(key, 'G'));
      expectFloat32(run(inputs, l), numbers(key, 'G'), 1);
    });
  }

  test('law: equals the explicit mixture of n-step returns (the reference)', () => {
    fc.assert(
      fc.property(drawn, lambda, (inputs, l) => expectFloat32(run(inputs, l), exact(inputs, l), 1e3)),
      { numRuns: 300 },
    );
  });

  test('law: equals V + GAE(λ) of the TD errors', () => {
    const row = fc.array(
      fc.integer({ min: -16, max: 16 }).map((k) => k / 8),
      { minLength: 5, maxLength: 5 },
    );
    fc.assert(
      fc.property(row, row, lambda, (rewards, values, l) => {
        const next = [...values.slice(1), 0];
        const errors = rewards.map((r, t) => r + next[t] - values[t]);
        const advantage = errors.map((_, t) => errors.slice(t).reduce((sum, d, k) => sum + l ** k * d, 0));
        expectFloat32(
          run({ rewards: [rewards], nextValues: [next], mask: [[1, 1, 1, 1, 1]] }, l),
          values.map((v, t) => v + advantage[t]),
          1e7,
        );
      }),
    );
  });

  test('law: λ = 1 with a terminal end ignores the values; λ = 0 is r + V(s′)', () => {
    fc.assert(
      fc.property(drawn, (inputs) => {
        const mask = inputs.mask as Matrix;
        const terminal = {
          ...inputs,
          nextValues: mask.map((row, i) =>
            row.map((_, t) => (t === row.lastIndexOf(1) ? 0 : (inputs.nextValues as Matrix)[i][t])),
          ),
        };
        const without = { ...inputs, nextValues: mask.map((row) => row.map(() => 0)) };
        expectFloat32(run(terminal, 1), run(without, 1));
        const oneStep = mask.flatMap((row, i) =>
          row.map((m, t) => (m > 0 ? (inputs.rewards as Matrix)[i][t] + (inputs.nextValues as Matrix)[i][t] : 0)),
        );
        expectFloat32(run(inputs, 0), oneStep, 1e6);
      }),
    );
  });

  test('law: linear in the rewards and in the values', () => {
    fc.assert(
      fc.property(drawn, lambda, (inputs, l) => {
        const twice = (name: string): Matrix => (inputs[name] as Matrix).map((row) => row.map((x) => 2 * x));
        expectFloat32(
          run({ ...inputs, rewards: twice('rewards'), nextValues: twice('nextValues') }, l),
          run(inputs, l).map((g) => 2 * g),
        );
      }),
    );
  });

  test('law: consistent values are their own returns, for every λ', () => {
    const row = fc.array(
      fc.integer({ min: -16, max: 16 }).map((k) => k / 8),
      { minLength: 4, maxLength: 4 },
    );
    fc.assert(
      fc.property(row, lambda, (rewards, l) => {
        const values = rewards.map((_, t) => rewards.slice(t).reduce((a, r) => a + r, 0));
        expectFloat32(
          run({ rewards: [rewards], nextValues: [[...values.slice(1), 0]], mask: [[1, 1, 1, 1]] }, l),
          values,
          1e7,
        );
      }),
    );
  });

  test('law: a masked slot, wherever it is and whatever it holds, is as good as none', () => {
    fc.assert(
      fc.property(drawn, lambda, (inputs, l) => {
        const at = (name: string): Matrix =>
          (inputs[name] as Matrix).map((row) => row.flatMap((x) => [name === 'mask' ? 0 : Number.NaN, x]));
        const wide = run({ rewards: at('rewards'), nextValues: at('nextValues'), mask: at('mask') }, l);
        expectFloat32(
          wide.filter((_, i) => i % 2 === 1),
          run(inputs, l),
        );
        expect(wide.filter((_, i) => i % 2 === 0).every((g) => g === 0)).toBe(true);
      }),
    );
  });

  test('law: between the shortest and the longest return, in λ', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (l) => {
        const [first] = run({ rewards: [[0, 1]], nextValues: [[0.25, 0]], mask: [[1, 1]] }, l);
        expect(first).toBeGreaterThanOrEqual(0.25);
        expect(first).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('edge: nothing valid is all 0', () => {
    expect(flat([run({ rewards: [[Number.NaN]], nextValues: [[1]], mask: [[0]] }, 0.5)])).toEqual([0]);
  });

  test('errors: λ and shapes', () => {
    const inputs = { rewards: [[0]], nextValues: [[0]], mask: [[1]] };
    expect(() => run(inputs, 1.5)).toThrow('lambdaReturns: lambda must be in [0, 1], got 1.5');
    expect(() => run(inputs, -0.1)).toThrow(RangeError);
    expect(() => run({ ...inputs, mask: [[1, 1]] }, 1)).toThrow(
      'lambdaReturns: mask must be [B, T] = [1, 1] as in rewards, got [1, 2]',
    );
  });
});
