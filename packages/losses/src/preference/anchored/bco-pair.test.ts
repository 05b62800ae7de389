import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { pairCase, pairOf, pairs, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { pairLaws } from '../../test-support/contract/pair-laws.ts';
import { notFinite, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32, isClose } from '../../test-support/running/close.ts';
import { bcoPairLoss } from './bco-pair.ts';

const subject = pairCase('bcoPairLoss', bcoPairLoss, reference.bcoPairLoss, {
  options: fc.record({ beta, rewardShift: fc.constantFrom(0, 0.25, -1) }),
  refusals: [...wrongBeta, ...notFinite('rewardShift')],
});

onBackend('bcoPairLoss', () => {
  pairGolden(subject, 'dpo.bco_pair.first_batch', { rewardShift: 'batch' });
  lossContract(subject);
  pairLaws(subject, { atReference: () => 2 * Math.LN2, scaleFree: true });

  test('law: the batch’s own shift makes a common reward irrelevant', async () => {
    const delta = fc.integer({ min: -40, max: 40 });
    await fc.assert(
      fc.asyncProperty(delta, delta, fc.integer({ min: -200, max: 200 }), async (chosen, rejected, common) => {
        const moved = (await runPairs(subject, pairOf(chosen + common, rejected + common))).value;
        expectFloat32([moved], [(await runPairs(subject, pairOf(chosen, rejected))).value]);
      }),
    );
  });

  test('law: with a shift of its own mean it equals the batch’s', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), async (inputs) => {
        const rows = inputs as unknown as reference.PairArrays;
        const rewards = rows.policyChosenLogps.flatMap((logp, i) => [
          0.1 * (logp - rows.referenceChosenLogps[i]!),
          0.1 * (rows.policyRejectedLogps[i]! - rows.referenceRejectedLogps[i]!),
        ]);
        const rewardShift = rewards.reduce((a, c) => a + c, 0) / rewards.length;
        const [batch, own] = [await runPairs(subject, inputs), await runPairs(subject, inputs, { rewardShift })];
        expect(isClose(own.value, batch.value, 1e-4, 1e-5)).toBe(true);
        own.gradients.policyChosenLogps!.forEach((g, i) => {
          expect(isClose(g, batch.gradients.policyChosenLogps![i]!, 1e-3, 1e-6)).toBe(true);
        });
      }),
    );
  });

  test('law: chosen up, rejected down', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const { gradients } = await runPairs(subject, inputs, { beta: b });
        expect(gradients.policyChosenLogps!.every((g) => g <= 0)).toBe(true);
        expect(gradients.policyRejectedLogps!.every((g) => g >= 0)).toBe(true);
      }),
    );
  });
});
