import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { pairCase, pairOf, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { boundsLaw, pairLaws } from '../../test-support/contract/pair-laws.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { apoDownLoss } from './apo-down.ts';

const subject = pairCase('apoDownLoss', apoDownLoss, reference.apoDownLoss, { resolution: 1e-15 });

onBackend('apoDownLoss', () => {
  pairGolden(subject, 'dpo.apo_down');
  lossContract(subject);
  pairLaws(subject, { atReference: () => 1, scaleFree: true });

  boundsLaw(subject, 0, 2);

  test('law: both sides moved by the same log-ratio: only the chosen level falls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 20 }), async (delta, down) => {
        const at = async (shift: number): Promise<number> =>
          (await runPairs(subject, pairOf(delta - shift, -shift))).value;
        expect(await at(down)).toBeLessThanOrEqual((await at(0)) + 1e-7);
      }),
    );
  });

  test('law: the two gradients add up to that of the level alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -60, max: 60 }),
        fc.integer({ min: -60, max: 60 }),
        async (chosen, rejected) => {
          const { gradients } = await runPairs(subject, pairOf(chosen, rejected));
          const level = 0.1 * reference.sigmoid(0.1 * chosen) * reference.sigmoid(-0.1 * chosen);
          expect(gradients.policyChosenLogps![0]! + gradients.policyRejectedLogps![0]!).toBeCloseTo(level, 6);
        },
      ),
    );
  });
});
