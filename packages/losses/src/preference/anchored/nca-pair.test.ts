import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { pairCase, pairOf, pairs, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { pairLaws } from '../../test-support/contract/pair-laws.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { ncaPairLoss } from './nca-pair.ts';

const subject = pairCase('ncaPairLoss', ncaPairLoss, reference.ncaPairLoss, { resolution: 1e-15 });

onBackend('ncaPairLoss', () => {
  pairGolden(subject, 'dpo.nca_pair');
  lossContract(subject);
  pairLaws(subject, { atReference: () => 2 * Math.LN2, scaleFree: true });

  test('law: the rejected side is always pushed down, by at most β/(2B)', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const { gradients } = await runPairs(subject, inputs, { beta: b });
        for (const g of gradients.policyRejectedLogps!) {
          expect(g).toBeGreaterThanOrEqual(0);
          expect(g).toBeLessThanOrEqual((b / 2 / inputs.policyChosenLogps!.length) * (1 + 1e-6));
        }
      }),
    );
  });

  test('law: least in Δ_w where σ(βΔ_w) = ⅔: likelihood is not raised without end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -60, max: 60 }), async (rejected) => {
        const { gradients } = await runPairs(subject, pairOf(Math.fround(Math.log(2) / 0.1), rejected));
        expect(Math.abs(gradients.policyChosenLogps![0]!)).toBeLessThan(1e-7);
      }),
    );
  });

  test('law: the sides are independent: the chosen gradient does not depend on the rejected log-prob', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -60, max: 60 }),
        fc.integer({ min: -60, max: 60 }),
        async (chosen, rejected) => {
          const [one, other] = await Promise.all(
            [pairOf(chosen, rejected), pairOf(chosen, 0)].map(async (pair) => await runPairs(subject, pair)),
          );
          expect(one!.gradients.policyChosenLogps).toEqual(other!.gradients.policyChosenLogps);
        },
      ),
    );
  });
});
