import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from './reference/index.ts';
import { stepDpoLoss } from './step-dpo.ts';
import { onBackend } from './testing/backend.ts';
import { expectFloat32, isClose } from './testing/close.ts';
import { pairGolden } from './testing/golden.ts';
import { beta } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';
import { logits, pairCase, pairs, runPairs, swapSides } from './testing/pair-case.ts';
import { betaErrors, marginLaws, pairLaws } from './testing/pair-laws.ts';

const subject = pairCase('stepDpoLoss', stepDpoLoss, reference.stepDpoLoss);

onBackend('stepDpoLoss', () => {
  pairGolden(subject, 'dpo.sigmoid');
  lossContract(subject);
  pairLaws(subject, { atReference: () => Math.LN2, scaleFree: true });
  marginLaws(subject);
  betaErrors(subject);

  test('law: equal to DPO on whole sequences that share the prefix', () => {
    const logp = fc.integer({ min: -300, max: 0 });
    fc.assert(
      fc.property(logp, logp, (policyPrefix, referencePrefix) => {
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
        expectFloat32([runPairs(subject, step).value], [reference.dpoLoss(whole).value]);
      }),
    );
  });

  test('law: swapping the sides changes the loss by the mean margin', () => {
    fc.assert(
      fc.property(pairs(1), beta, (inputs, b) => {
        const difference =
          runPairs(subject, inputs, { beta: b }).value - runPairs(subject, swapSides(inputs), { beta: b }).value;
        const x = logits(inputs, b);
        const mean = x.reduce((a, c) => a + c, 0) / x.length;
        expect(isClose(difference, -mean, 1e-4, 1e-5 * Math.max(1, ...x.map(Math.abs)))).toBe(true);
      }),
    );
  });
});
