import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, flat, toTensor } from '../test-support/cases/arrays.ts';
import { golden, numbers } from '../test-support/cases/golden.ts';
import { cases, onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { lambdaReturns } from './lambda-returns.ts';

const specs: InputSpecs = {
  rewards: { shape: 'B S', kind: 'rewards' },
  nextValues: { shape: 'B S', kind: 'values' },
  mask: { shape: 'B S', kind: 'mask' },
};
const drawn = inputsOf(specs, 2);
const lambda = fc.constantFrom(0, 0.3, 0.5, 0.95, 1);

async function run(inputs: Arrays, l: number): Promise<number[]> {
  const [rewards, nextValues, mask] = ['rewards', 'nextValues', 'mask'].map((name) => toTensor(inputs[name]!));
  return Array.from(await lambdaReturns(rewards!, nextValues!, mask!, { lambda: l }).data());
}
const exact = (inputs: Arrays, l: number): number[] =>
  reference
    .lambdaReturns(inputs.rewards as Matrix, inputs.nextValues as Matrix, inputs.mask as Matrix, { lambda: l })
    .flat();

onBackend('lambdaReturns', () => {
  for (const key of Object.keys(golden).filter((name) => name.startsWith('dqo.lambda_return'))) {
    test(`golden ${key}`, async () => {
      const values = numbers(key, 'values');
      const inputs = {
        rewards: [numbers(key, 'rho')],
        nextValues: [[...values.slice(1), 0]],
        mask: [values.map(() => 1)],
      };
      const l = Number(key.slice(key.indexOf('lam', 15) + 3));
      expectFloat64(exact(inputs, l), numbers(key, 'G'));
      expectFloat32(await run(inputs, l), numbers(key, 'G'), 1);
    });
  }

  test('law: equals the explicit mixture of n-step returns (the reference)', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, lambda, async (inputs, l) => expectFloat32(await run(inputs, l), exact(inputs, l), 1e3)),
      { numRuns: cases(300) },
    );
  });

  test('law: equals V + GAE(λ) of the TD errors', async () => {
    const row = fc.array(
      fc.integer({ min: -16, max: 16 }).map((k) => k / 8),
      { minLength: 5, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(row, row, lambda, async (rewards, values, l) => {
        const next = [...values.slice(1), 0];
        const errors = rewards.map((r, t) => r + next[t]! - values[t]!);
        const advantage = errors.map((_, t) => errors.slice(t).reduce((sum, d, k) => sum + l ** k * d, 0));
        expectFloat32(
          await run({ rewards: [rewards], nextValues: [next], mask: [[1, 1, 1, 1, 1]] }, l),
          values.map((v, t) => v + advantage[t]!),
          1e7,
        );
      }),
    );
  });

  test('law: λ = 1 with a terminal end ignores the values; λ = 0 is r + V(s′)', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const mask = inputs.mask as Matrix;
        const terminal = {
          ...inputs,
          nextValues: mask.map((row, i) =>
            row.map((_, t) => (t === row.lastIndexOf(1) ? 0 : (inputs.nextValues as Matrix)[i]![t]!)),
          ),
        };
        const without = { ...inputs, nextValues: mask.map((row) => row.map(() => 0)) };
        expectFloat32(await run(terminal, 1), await run(without, 1));
        const oneStep = mask.flatMap((row, i) =>
          row.map((m, t) => (m > 0 ? (inputs.rewards as Matrix)[i]![t]! + (inputs.nextValues as Matrix)[i]![t]! : 0)),
        );
        expectFloat32(await run(inputs, 0), oneStep, 1e6);
      }),
    );
  });

  test('law: linear in the rewards and in the values', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, lambda, async (inputs, l) => {
        const twice = (name: string): Matrix => (inputs[name] as Matrix).map((row) => row.map((x) => 2 * x));
        expectFloat32(
          await run({ ...inputs, rewards: twice('rewards'), nextValues: twice('nextValues') }, l),
          (await run(inputs, l)).map((g) => 2 * g),
        );
      }),
    );
  });

  test('law: consistent values are their own returns, for every λ', async () => {
    const row = fc.array(
      fc.integer({ min: -16, max: 16 }).map((k) => k / 8),
      { minLength: 4, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(row, lambda, async (rewards, l) => {
        const values = rewards.map((_, t) => rewards.slice(t).reduce((a, r) => a + r, 0));
        expectFloat32(
          await run({ rewards: [rewards], nextValues: [[...values.slice(1), 0]], mask: [[1, 1, 1, 1]] }, l),
          values,
          1e7,
        );
      }),
    );
  });

  test('law: a masked slot, wherever it is and whatever it holds, is as good as none', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, lambda, async (inputs, l) => {
        const at = (name: string): Matrix =>
          (inputs[name] as Matrix).map((row) => row.flatMap((x) => [name === 'mask' ? 0 : Number.NaN, x]));
        const wide = await run({ rewards: at('rewards'), nextValues: at('nextValues'), mask: at('mask') }, l);
        expectFloat32(
          wide.filter((_, i) => i % 2 === 1),
          await run(inputs, l),
        );
        expect(wide.filter((_, i) => i % 2 === 0).every((g) => g === 0)).toBe(true);
      }),
    );
  });

  test('law: between the shortest and the longest return, in λ', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (l) => {
        const [first] = await run({ rewards: [[0, 1]], nextValues: [[0.25, 0]], mask: [[1, 1]] }, l);
        expect(first).toBeGreaterThanOrEqual(0.25);
        expect(first).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('edge: nothing valid is all 0', async () => {
    expect(flat([await run({ rewards: [[Number.NaN]], nextValues: [[1]], mask: [[0]] }, 0.5)])).toEqual([0]);
  });

  test('errors: λ and shapes', async () => {
    const inputs = { rewards: [[0]], nextValues: [[0]], mask: [[1]] };
    await expect(async () => await run(inputs, 1.5)).rejects.toThrow(
      'lambdaReturns: lambda must be in [0, 1], got 1.5',
    );
    await expect(async () => await run(inputs, -0.1)).rejects.toThrow(RangeError);
    await expect(async () => await run({ ...inputs, mask: [[1, 1]] }, 1)).rejects.toThrow(
      'lambdaReturns: mask must be [B, T] = [1, 1] as in rewards, got [1, 2]',
    );
  });
});
