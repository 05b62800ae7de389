import fc from 'fast-check';
import { test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { pairCase, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { marginLaws, pairLaws, swapLaw } from '../../test-support/contract/pair-laws.ts';
import { outside, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { stepDpoLoss } from './step-dpo.ts';

const subject = pairCase('stepDpoLoss', stepDpoLoss, reference.stepDpoLoss, {
  options: fc.record({ beta, labelSmoothing: fc.constantFrom(0, 0.1) }),
  refusals: [...wrongBeta, ...outside('labelSmoothing', '[0, 0.5]', [-1e-9, 0.6])],
  resolution: 1e-15,
});

onBackend('stepDpoLoss', () => {
  pairGolden(subject, 'dpo.sigmoid');
  lossContract(subject);
  pairLaws(subject, { atReference: () => Math.LN2, scaleFree: true });
  marginLaws(subject);

  test('law: equal to DPO on whole sequences that share the prefix', async () => {
    const logp = fc.integer({ min: -300, max: 0 });
    await fc.assert(
      fc.asyncProperty(logp, logp, async (policyPrefix, referencePrefix) => {
        const whole = {
          policyChosenLogps: [policyPrefix - 3],
          policyRejectedLogps: [policyPrefix - 5],
          referenceChosenLogps: [referencePrefix - 4],
          referenceRejectedLogps: [referencePrefix - 4],
        };
        const step = {
          policyChosenLogps: [-3],
          policyRejectedLogps: [-5],
          referenceChosenLogps: [-4],
          referenceRejectedLogps: [-4],
        };
        expectFloat32([(await runPairs(subject, step)).value], [reference.dpoLoss(whole).value]);
      }),
    );
  });

  swapLaw(subject);
});
