import type { Tensor } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import { truncatedWeights } from '../policy-gradient/truncated-weights.ts';
import type { DvoArrays, Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { golden, numbers, readGolden } from '../test-support/cases/golden.ts';
import { beta, countByReduction, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { notFinite, unknownWord, wrongBeta } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { dvoLoss } from './dvo.ts';

/** One run of SPO's loss: log-probs are the sums over each segment's tokens. */
interface WeightedRun {
  readonly source: string;
  readonly inputs: Arrays;
  readonly options: object;
  readonly value: number;
  readonly gradient: Matrix;
}

const specs: InputSpecs = {
  policyLogps: { shape: 'B S', kind: 'logps', trained: true },
  referenceLogps: { shape: 'B S', kind: 'reference' },
  credits: { shape: 'B S', kind: 'rewards' },
  mask: { shape: 'B S', kind: 'mask' },
};
const weighted: InputSpecs = { ...specs, stepWeights: { shape: 'B S', kind: 'weights', optional: true } };

const subject: LossCase = {
  name: 'dvoLoss',
  inputs: specs,
  options: fc.record({ beta, reduction: fc.constantFrom('row', 'flat'), scale: fc.constantFrom(0.5, 1, 2) }),
  loss: (inputs, options) => dvoLoss(inputs as never, options),
  reference: (inputs, options) => reference.dvoLoss(inputs as unknown as DvoArrays, options),
  refusals: [...wrongBeta, ...notFinite('scale'), ...unknownWord('reduction', ['row', 'flat'])],
  normalizer: countByReduction,
};

const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => dvoLoss(t as never, options), inputs, ['policyLogps']);

/** The golden batch: the third trajectory is empty, padding holds the public code's sentinel −100. */
const goldenInputs = golden['dvo.mse']!.inputs as unknown as Record<'pi' | 'ref' | 'credits', Matrix>;
const batch: Arrays = {
  policyLogps: goldenInputs.pi,
  referenceLogps: goldenInputs.ref,
  credits: goldenInputs.credits,
  mask: goldenInputs.credits.map((row) => row.map((c) => Number(c !== -100))),
};

onBackend('dvoLoss', () => {
  test('golden dvo.mse: the public code has no ½, the paper does', async () => {
    for (const [scale, value] of [
      [1, numbers('dvo.mse', 'mean_code')],
      [0.5, numbers('dvo.mse', 'mean_paper_half')],
    ] as const) {
      const exact = reference.dvoLoss(batch as unknown as DvoArrays, { scale });
      expectFloat64([exact.value], value);
      expectFloat64(
        flat(exact.gradients.policyLogps),
        numbers('dvo.mse', 'grad_code').map((g) => g * scale),
      );
      const tensors = await run(batch, { scale });
      expectFloat32([tensors.value], value);
      expectFloat32(
        tensors.gradients.policyLogps!,
        numbers('dvo.mse', 'grad_code').map((g) => g * scale),
      );
    }
    const rows = numbers('dvo.mse', 'row_losses_code');
    for (const [i, loss] of rows.entries()) {
      const row = Object.fromEntries(Object.entries(batch).map(([name, matrix]) => [name, [matrix[i]]])) as Arrays;
      expectFloat32([(await run(row, { scale: 1 })).value], [loss]);
    }
  });

  lossContract({ ...subject, inputs: weighted });

  test('golden: SPO’s public code has it with truncated importance weights', async () => {
    const [run] = readGolden<readonly WeightedRun[]>('losses-weighted-dvo.json');
    const { behaviorLogps, ...steps } = run!.inputs;
    const weights = (steps.policyLogps as Matrix).map((row, i) =>
      row.map((p, t) => Math.min(10, Math.exp(p - (behaviorLogps as Matrix)[i]![t]!))),
    );
    const exact = reference.dvoLoss({ ...steps, stepWeights: weights } as unknown as DvoArrays, run!.options);
    expectFloat64([exact.value], [run!.value]);
    expectFloat64(flat(exact.gradients.policyLogps), flat(run!.gradient));
    const composed = (t: Record<string, Tensor>) =>
      dvoLoss({ ...t, stepWeights: truncatedWeights(t as never, { cap: 10 }) } as never, run!.options);
    // The cut and the uncut weights are both there.
    expect(flat(weights).some((w) => w === 10) && flat(weights).some((w) => w < 10)).toBe(true);
    const own = await evaluateLoss(composed, run!.inputs, ['policyLogps']);
    expectFloat32([own.value], [run!.value]);
    expectFloat32(own.gradients.policyLogps!, flat(run!.gradient));
  });

  test('law: on fresh data the weights are 1, and weights of 1 are none', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(specs, 1), async (inputs) => {
        const fresh = (t: Record<string, Tensor>) =>
          dvoLoss({
            ...t,
            stepWeights: truncatedWeights({ ...t, behaviorLogps: t.policyLogps } as never, { cap: 10 }),
          } as never);
        expect(await evaluateLoss(fresh, inputs, ['policyLogps'])).toEqual(await run(inputs));
      }),
    );
  });

  test('law: steps of no weight receive nothing, twice the weight is twice the loss', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(specs, 1), async (inputs) => {
        const by = (w: number) =>
          run({ ...inputs, stepWeights: (inputs.mask as Matrix).map((row) => row.map(() => w)) });
        const [none, one, two] = [await by(0), await by(1), await by(2)];
        expect([none.value, ...none.gradients.policyLogps!].every((x) => Math.abs(x) === 0)).toBe(true);
        expectFloat32([two.value], [2 * one.value]);
      }),
    );
  });

  const drawn = inputsOf(specs, 1);
  const everyValid = (inputs: Arrays): Arrays => ({
    ...inputs,
    mask: (inputs.mask as Matrix).map((row) => row.map(() => 1)),
  });

  test('law: 0 with zero gradient exactly where β·Δ = c', async () => {
    const step = fc.integer({ min: -64, max: 64 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 3 }), async (deltas) => {
        const inputs = {
          policyLogps: [deltas.map((d) => d - 100)],
          referenceLogps: [deltas.map(() => -100)],
          credits: [deltas.map((d) => d * 0.125)],
          mask: [[1, 1, 1]],
        };
        const { value, gradients } = await run(inputs, { beta: 0.125 });
        expect(value).toBe(0);
        expect(gradients.policyLogps!.every((g) => g === 0)).toBe(true);
        const off = await run(
          { ...inputs, credits: [[inputs.credits[0]![0]! + 0.125, ...inputs.credits[0]!.slice(1)]] },
          { beta: 0.125 },
        );
        expect(off.value).toBeGreaterThan(0);
        expect(off.gradients.policyLogps![0]).toBeLessThan(0);
      }),
    );
  });

  test('law: ½·mean c² where policy and reference agree', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const still = everyValid({ ...inputs, policyLogps: inputs.referenceLogps! });
        const credits = flat(inputs.credits!);
        const mean = credits.reduce((a, c) => a + c * c, 0) / credits.length;
        expectFloat32([(await run(still)).value], [0.5 * mean]);
      }),
    );
  });

  test('law: (β, Δ) → (β/2, 2Δ) changes nothing; (c, β) → (4c, 4β) multiplies by 16', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, beta, async (inputs, b) => {
        const times = (name: string, k: number): Matrix => (inputs[name] as Matrix).map((row) => row.map((x) => x * k));
        const plain = (await run(inputs, { beta: b })).value;
        const stretched = {
          ...inputs,
          policyLogps: times('policyLogps', 2),
          referenceLogps: times('referenceLogps', 2),
        };
        expectFloat32([(await run(stretched, { beta: b / 2 })).value], [plain]);
        expectFloat32([(await run({ ...inputs, credits: times('credits', 4) }, { beta: 4 * b })).value], [16 * plain]);
      }),
    );
  });

  test('law: only outcomes reach the sum of telescoping credits; a potential added to all values changes nothing', async () => {
    const values = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 5, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: -4, max: 4 }), async (v, shift) => {
        const credits = (of: readonly number[]): number[] => of.slice(1).map((next, t) => (next - of[t]!) / 8);
        const batchOf = (c: number[]): Arrays => ({
          policyLogps: [[-1, -2, -3, -4]],
          referenceLogps: [[-1, -1, -1, -1]],
          credits: [c],
          mask: [[1, 1, 1, 1]],
        });
        expect(credits(v).reduce((a, c) => a + c, 0)).toBe((v[4]! - v[0]!) / 8);
        expect(await run(batchOf(credits(v.map((x) => x + shift))))).toEqual(await run(batchOf(credits(v))));
      }),
    );
  });

  test('law: with one step it is half of DRO’s square', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(specs, 1, { maxRows: 4 }), async (inputs) => {
        const first = Object.fromEntries(
          Object.entries(everyValid(inputs)).map(([name, matrix]) => [name, (matrix as Matrix).map((row) => [row[0]])]),
        ) as Arrays;
        const column = (name: string): number[] => flat(first[name]!);
        const dro = reference.droPolicyLoss(
          {
            policyLogps: column('policyLogps'),
            referenceLogps: column('referenceLogps'),
            values: column('credits').map(() => 0),
            rewards: column('credits'),
          },
          { tau: 0.1 },
        );
        const { value, gradients } = await run(first);
        expectFloat32([value], [dro.value]);
        expectFloat32(gradients.policyLogps!, flat(dro.gradients.policyLogps));
      }),
    );
  });

  test('law: the gradient is linear in the policy: its second difference vanishes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }), async (a, b) => {
        const at = async (x: number): Promise<number> =>
          (await run({ policyLogps: [[x]], referenceLogps: [[0]], credits: [[0.5]], mask: [[1]] })).gradients
            .policyLogps![0]!;
        expect((await at(a)) + (await at(b))).toBeCloseTo(2 * (await at((a + b) / 2)), 5);
      }),
    );
  });

  test('law: the two reductions agree where all trajectories are equally long, and only there', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const full = everyValid(inputs);
        expectFloat32(
          [(await run(full, { reduction: 'flat' })).value],
          [(await run(full, { reduction: 'row' })).value],
        );
      }),
    );
    expect((await run(batch, { reduction: 'flat' })).value).not.toBeCloseTo((await run(batch)).value, 5);
  });

  test('edge: an empty trajectory among others is left out of the mean', async () => {
    const two = Object.fromEntries(Object.entries(batch).map(([name, matrix]) => [name, matrix.slice(0, 2)])) as Arrays;
    // A sum over more slots may be taken in another order.
    expectFloat32([(await run(batch)).value], [(await run(two)).value]);
  });

  test('edge: one trajectory of one step', async () => {
    const { value, gradients } = await run({
      policyLogps: [[-2]],
      referenceLogps: [[-4]],
      credits: [[1]],
      mask: [[1]],
    });
    expectFloat32([value, ...gradients.policyLogps!], [0.5 * 0.8 ** 2, 0.1 * -0.8]);
  });
});
