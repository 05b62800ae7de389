import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { golden, numbers } from '../test-support/cases/golden.ts';
import { beta, countByReduction, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { unknownWord, wrongBeta } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { dvoKtoLoss } from './dvo-kto.ts';

const specs: InputSpecs = {
  policyLogps: { shape: 'B S', kind: 'logps', trained: true },
  referenceLogps: { shape: 'B S', kind: 'reference' },
  credits: { shape: 'B S', kind: 'rewards' },
  mask: { shape: 'B S', kind: 'mask' },
  policyKlLogps: { shape: 'M', kind: 'logps' },
  referenceKlLogps: { shape: 'M', kind: 'reference' },
};

const subject: LossCase = {
  name: 'dvoKtoLoss',
  inputs: specs,
  options: fc.record({ beta, reduction: fc.constantFrom('row', 'flat') }),
  loss: (inputs, options) => dvoKtoLoss(inputs as never, options),
  reference: (inputs, options) => reference.dvoKtoLoss(inputs as never, options),
  refusals: [
    ...wrongBeta,
    ...unknownWord('reduction', ['row', 'flat']),
    {
      options: {},
      inputs: { policyKlLogps: [], referenceKlLogps: [] },
      message: 'policyKlLogps must hold at least 1 mismatched step, got 0',
    },
  ],
  normalizer: countByReduction,
};

const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => dvoKtoLoss(t as never, options), inputs, ['policyLogps']);
const step = (delta: number, credit: number): Arrays => ({
  policyLogps: [[delta]],
  referenceLogps: [[0]],
  credits: [[credit]],
  mask: [[1]],
  policyKlLogps: [0],
  referenceKlLogps: [0],
});

onBackend('dvoKtoLoss', () => {
  test('golden dvo.kto_variant', async () => {
    const inputs = golden['dvo.mse']!.inputs as unknown as Record<'pi' | 'ref' | 'credits', Matrix>;
    for (const [i, loss] of numbers('dvo.kto_variant', 'row_losses').entries()) {
      const row = {
        policyLogps: [inputs.pi[i]!],
        referenceLogps: [inputs.ref[i]!],
        credits: [inputs.credits[i]!],
        mask: [inputs.credits[i]!.map((c) => Number(c !== -100))],
        policyKlLogps: [-9],
        referenceKlLogps: [-8],
      };
      expectFloat64([reference.dvoKtoLoss(row).value], [loss]);
      expectFloat32([(await run(row)).value], [loss]);
    }
  });

  lossContract(subject);

  test('law: the weight is |c|, but at least 0.1', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -16, max: 16 }), fc.integer({ min: -40, max: 40 }), async (eighths, delta) => {
        const credit = eighths / 8;
        const sign = credit >= 0 ? 1 : -1;
        const expected = Math.max(Math.abs(credit), 0.1) * reference.sigmoid(-0.1 * sign * delta);
        expectFloat32([(await run(step(delta, credit))).value], [expected]);
      }),
    );
  });

  test('law: half the mean weight where policy and reference agree', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(specs, 1), async (inputs) => {
        const still = { ...inputs, policyLogps: inputs.referenceLogps!, policyKlLogps: inputs.referenceKlLogps! };
        const full = { ...still, mask: (inputs.mask as Matrix).map((row) => row.map(() => 1)) };
        const weights = flat(inputs.credits!).map((c) => Math.max(Math.abs(c), 0.1) / 2);
        expectFloat32([(await run(full)).value], [weights.reduce((a, b) => a + b, 0) / weights.length]);
      }),
    );
  });

  test('law: steps of credit ≥ 0 go up, others down', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -16, max: 16 }), fc.integer({ min: -40, max: 40 }), async (eighths, delta) => {
        const { gradients } = await run(step(delta, eighths / 8));
        expect(Math.sign(gradients.policyLogps![0]!)).toBe(eighths >= 0 ? -1 : 1);
      }),
    );
  });
});
