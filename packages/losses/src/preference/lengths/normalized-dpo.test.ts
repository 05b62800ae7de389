import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../../manifest/manifest.ts';
import * as reference from '../../reference/index.ts';
import { inputsOf } from '../../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss } from '../../test-support/cases/arrays.ts';
import { lengthSpecs } from '../../test-support/cases/cases.ts';
import { numbers } from '../../test-support/cases/golden.ts';
import { beta, countRows, type LossCase } from '../../test-support/cases/loss-case.ts';
import { pairOf, pairSpecs, weighted } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../../test-support/running/close.ts';
import { normalizedDpoLoss } from './normalized-dpo.ts';

const specs: InputSpecs = { ...pairSpecs, ...lengthSpecs };
const subject: LossCase = {
  name: 'normalizedDpoLoss',
  inputs: weighted(specs),
  options: fc.record({ beta }),
  loss: (inputs, options) => normalizedDpoLoss(inputs as never, options),
  reference: (inputs, options) => reference.normalizedDpoLoss(inputs as never, options),
  refusals: [...wrongBeta],
  normalizer: countRows,
};

const trained = ['policyChosenLogps', 'policyRejectedLogps'];
const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => normalizedDpoLoss(t as never, options), inputs, trained);
const pair = (chosen: number, rejected: number, n: [number, number]): Arrays => ({
  ...pairOf(chosen, rejected),
  chosenLengths: [n[0]],
  rejectedLengths: [n[1]],
});

onBackend('normalizedDpoLoss', () => {
  test('golden trl_head.sigmoid_norm', async () => {
    const [chosen, rejected, n] = ['delta_w', 'delta_l', 'n'].map((field) => numbers('trl_head', field));
    const batch = {
      policyChosenLogps: chosen!,
      policyRejectedLogps: rejected!,
      referenceChosenLogps: [0, 0],
      referenceRejectedLogps: [0, 0],
      chosenLengths: n!.slice(0, 2),
      rejectedLengths: n!.slice(2),
    };
    expectFloat64([reference.normalizedDpoLoss(batch).value], numbers('trl_head', 'sigmoid_norm'));
    expectFloat32([(await run(batch)).value], numbers('trl_head', 'sigmoid_norm'));
  });

  test('golden trl_head.sigmoid: the same pairs without lengths', async () => {
    const [chosen, rejected] = ['delta_w', 'delta_l'].map((field) => numbers('trl_head', field));
    const batch = {
      policyChosenLogps: chosen!,
      policyRejectedLogps: rejected!,
      referenceChosenLogps: [0, 0],
      referenceRejectedLogps: [0, 0],
    };
    expectFloat64([reference.dpoLoss(batch).value], numbers('trl_head', 'sigmoid'));
    expectFloat32(
      [(await run({ ...batch, chosenLengths: [1, 1], rejectedLengths: [1, 1] })).value],
      numbers('trl_head', 'sigmoid'),
    );
  });

  lossContract(subject);

  test('law: with lengths of one it is DPO', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(pairSpecs, 2), async (inputs) => {
        const ones = (inputs.policyChosenLogps as number[]).map(() => 1);
        const dpo = reference.dpoLoss(inputs as never);
        expectFloat32([(await run({ ...inputs, chosenLengths: ones, rejectedLengths: ones })).value], [dpo.value]);
      }),
    );
  });

  test('law: ln 2 where policy and reference agree, whatever the lengths', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), async (a, b) => {
        expectFloat32([(await run(pair(0, 0, [a, b]))).value], [Math.LN2]);
      }),
    );
  });

  test('law: repeating every token changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -40, max: 40 }),
        fc.integer({ min: -40, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (w, l, n) => {
          expectFloat32(
            [(await run(pair(3 * w, 3 * l, [3 * n, 6 * n]))).value],
            [(await run(pair(w, l, [n, 2 * n]))).value],
          );
        },
      ),
    );
  });

  test('edge: an empty completion counts as one token', async () => {
    expect(await run(pair(0, -4, [0, 4]))).toEqual(await run(pair(0, -4, [1, 4])));
  });
});
