import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { inputsOf } from '../../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../../test-support/cases/arrays.ts';
import { lengthSpecs } from '../../test-support/cases/cases.ts';
import { beta, countRows, type LossCase } from '../../test-support/cases/loss-case.ts';
import { weighted } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { notFinite, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { simpoLoss } from './simpo.ts';

const subject: LossCase = {
  name: 'simpoLoss',
  inputs: weighted(lengthSpecs),
  options: fc.record({ beta, margin: fc.constantFrom(0, 0.5, 3) }),
  loss: (inputs, options) => simpoLoss(inputs as never, options),
  reference: (inputs, options) => reference.simpoLoss(inputs as never, options),
  refusals: [...wrongBeta, ...notFinite('margin')],
  normalizer: countRows,
};

const trained = ['policyChosenLogps', 'policyRejectedLogps'];
const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => simpoLoss(t as never, options), inputs, trained);
const pair = (chosen: number, rejected: number, lengths: [number, number] = [4, 4]): Arrays => ({
  policyChosenLogps: [chosen],
  policyRejectedLogps: [rejected],
  chosenLengths: [lengths[0]],
  rejectedLengths: [lengths[1]],
});

onBackend('simpoLoss', () => {
  lossContract(subject);

  test('law: softplus(γ) where both means agree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -50, max: 0 }), fc.constantFrom(0, 1, 3), async (mean, margin) => {
        expectFloat32([(await run(pair(mean * 3, mean * 5, [3, 5]), { margin })).value], [reference.softplus(margin)]);
      }),
    );
  });

  test('law: only means count: log-probs and lengths doubled together change nothing', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(lengthSpecs, 2), async (inputs) => {
        const long = Object.fromEntries(
          Object.entries(inputs).map(([name, row]) => [
            name,
            flat(row).map((x) => Math.max(2 * x, name.endsWith('Lengths') ? 2 : -1e9)),
          ]),
        );
        const base = {
          ...inputs,
          chosenLengths: flat(inputs.chosenLengths!).map((n) => Math.max(n, 1)),
          rejectedLengths: flat(inputs.rejectedLengths!).map((n) => Math.max(n, 1)),
        };
        expectFloat32([(await run(long, { beta: 2 })).value], [(await run(base, { beta: 2 })).value]);
      }),
    );
  });

  test('law: with γ = 0, swapping the sides changes the loss by the mean logit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -40, max: 0 }), fc.integer({ min: -40, max: 0 }), async (chosen, rejected) => {
        const difference =
          (await run(pair(chosen, rejected), { margin: 0 })).value -
          (await run(pair(rejected, chosen), { margin: 0 })).value;
        expect(difference).toBeCloseTo((-10 * (chosen - rejected)) / 4, 3);
      }),
    );
  });

  test('law: a larger margin asks for more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -4, max: 0 }), fc.integer({ min: -4, max: 0 }), async (chosen, rejected) => {
        expect((await run(pair(chosen, rejected), { margin: 1.5 })).value).toBeGreaterThan(
          (await run(pair(chosen, rejected), { margin: 1 })).value,
        );
      }),
    );
  });

  test('law: chosen up, rejected down, by at most β/(n·B)', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(lengthSpecs, 2), beta, async (inputs, b) => {
        const { gradients } = await run(inputs, { beta: b });
        const rows = inputs.chosenLengths!.length;
        gradients.policyChosenLogps!.forEach((g, i) => {
          expect(g <= 0 && -g <= (b / rows / Math.max(flat(inputs.chosenLengths!)[i]!, 1)) * (1 + 1e-6)).toBe(true);
        });
        expect(gradients.policyRejectedLogps!.every((g) => g >= 0)).toBe(true);
      }),
    );
  });

  test('edge: an empty completion counts as one token', async () => {
    expect(await run(pair(0, -4, [0, 4]))).toEqual(await run(pair(0, -4, [1, 4])));
  });
});
