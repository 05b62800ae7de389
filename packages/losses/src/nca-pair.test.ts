import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ncaPairLoss } from './nca-pair.ts';
import * as reference from './reference/index.ts';
import { onBackend } from './testing/backend.ts';
import { pairGolden } from './testing/golden.ts';
import { beta } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';
import { pairCase, pairOf, pairs, runPairs } from './testing/pair-case.ts';
import { betaErrors, pairLaws } from './testing/pair-laws.ts';

const subject = pairCase('ncaPairLoss', ncaPairLoss, reference.ncaPairLoss, { resolution: 1e-15 });

onBackend('ncaPairLoss', () => {
  pairGolden(subject, 'dpo.nca_pair');
  lossContract(subject);
  pairLaws(subject, { atReference: () => 2 * Math.LN2, scaleFree: true });
  betaErrors(subject);

  test('law: the rejected side is always pushed down, by at most β/(2B)', () => {
    fc.assert(
      fc.property(pairs(), beta, (inputs, b) => {
        const { gradients } = runPairs(subject, inputs, { beta: b });
        for (const g of gradients.policyRejectedLogps) {
          expect(g).toBeGreaterThanOrEqual(0);
          expect(g).toBeLessThanOrEqual((b / 2 / inputs.policyChosenLogps.length) * (1 + 1e-6));
        }
      }),
    );
  });

  test('law: least in Δ_w where σ(βΔ_w) = ⅔: likelihood is not raised without end', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60, max: 60 }), (rejected) => {
        const { gradients } = runPairs(subject, pairOf(Math.fround(Math.log(2) / 0.1), rejected));
        expect(Math.abs(gradients.policyChosenLogps[0])).toBeLessThan(1e-7);
      }),
    );
  });

  test('law: the sides are independent: the chosen gradient does not depend on the rejected log-prob', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 }), (chosen, rejected) => {
        const [one, other] = [pairOf(chosen, rejected), pairOf(chosen, 0)].map((pair) => runPairs(subject, pair));
        expect(one.gradients.policyChosenLogps).toEqual(other.gradients.policyChosenLogps);
      }),
    );
  });
});
