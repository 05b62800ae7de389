import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { caseOf } from '../../test-support/cases/case-of.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { pairOf, pairs, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { pairLaws } from '../../test-support/contract/pair-laws.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { calDpoLoss } from './cal-dpo.ts';

const subject = caseOf(calDpoLoss as never, { resolution: 1e-15 });
const delta = fc.integer({ min: -60, max: 60 });

onBackend('calDpoLoss', () => {
  pairGolden(subject, 'dpo.cal_dpo');
  lossContract(subject);
  pairLaws(subject, { atReference: (b) => Math.LN2 + 1 / (2 * b * b), scaleFree: false });

  test('law: DPO with β = 1, and λ times the squares of SPPO', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), beta, fc.constantFrom(0, 0.5, 1, 3), async (inputs, b, calibration) => {
        const { value } = await runPairs(subject, inputs, { beta: b, calibration });
        const dpo = reference.dpoLoss(inputs as never, { beta: 1 }).value;
        const squares = reference.sppoHardLoss(inputs as never, { beta: b }).value;
        expectFloat32([value], [dpo + calibration * squares]);
      }),
    );
  });

  test('law: a chosen side at or below 1/(2β) is pulled up, a rejected one at or above −1/(2β) down', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(50), fc.nat(50), fc.constantFrom(0.125, 0.25, 0.5, 1), async (below, above, b) => {
        const half = 1 / (2 * b);
        const { gradients } = await runPairs(subject, pairOf(half - below, above - half), { beta: b });
        expect(gradients.policyChosenLogps![0]).toBeLessThan(0);
        expect(gradients.policyRejectedLogps![0]).toBeGreaterThan(0);
      }),
    );
  });

  test('law: swapping the sides and turning the signs changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(delta, delta, async (chosen, rejected) => {
        const turned = await runPairs(subject, pairOf(-rejected, -chosen));
        expectFloat32([turned.value], [(await runPairs(subject, pairOf(chosen, rejected))).value]);
      }),
    );
  });
});
