import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { pairCase, pairs, runPairs, swapSides } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { boundsLaw, pairLaws } from '../../test-support/contract/pair-laws.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { isClose } from '../../test-support/running/close.ts';
import { apoZeroLoss } from './apo-zero.ts';

const subject = pairCase('apoZeroLoss', apoZeroLoss, reference.apoZeroLoss);

onBackend('apoZeroLoss', () => {
  pairGolden(subject, 'dpo.apo_zero');
  lossContract(subject);
  pairLaws(subject, { atReference: () => 1, scaleFree: true });

  boundsLaw(subject, 0, 2);

  test('law: chosen up, rejected down, each by at most β/(4B)', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const { gradients } = await runPairs(subject, inputs, { beta: b });
        const most = (b / 4 / inputs.policyChosenLogps!.length) * (1 + 1e-6);
        for (const g of gradients.policyChosenLogps!) expect(g <= 0 && -g <= most).toBe(true);
        for (const g of gradients.policyRejectedLogps!) expect(g >= 0 && g <= most).toBe(true);
      }),
    );
  });

  test('law: swapping the sides of equal pairs: L(w, l) + L(l, w) = 2', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), async (inputs) => {
        const total = (await runPairs(subject, inputs)).value + (await runPairs(subject, swapSides(inputs))).value;
        expect(isClose(total, 2, 1e-5, 1e-6)).toBe(true);
      }),
    );
  });
});
