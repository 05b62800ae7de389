import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from './reference/index.ts';
import { sppoHardLoss } from './sppo-hard.ts';
import { onBackend } from './testing/backend.ts';
import { expectFloat32 } from './testing/close.ts';
import { pairGolden } from './testing/golden.ts';
import { lossContract } from './testing/loss-contract.ts';
import { pairCase, pairOf, runPairs } from './testing/pair-case.ts';
import { betaErrors, pairLaws } from './testing/pair-laws.ts';

const subject = pairCase('sppoHardLoss', sppoHardLoss, reference.sppoHardLoss);

onBackend('sppoHardLoss', () => {
  pairGolden(subject, 'dpo.sppo_hard');
  lossContract(subject);
  pairLaws(subject, { atReference: (b) => 1 / (2 * b * b), scaleFree: false });
  betaErrors(subject);

  test('law: 0 exactly at Δ_w = 1/(2β), Δ_l = −1/(2β)', () => {
    fc.assert(
      fc.property(fc.constantFrom(0.125, 0.25, 0.5, 1), fc.integer({ min: 1, max: 50 }), (b, away) => {
        const half = 1 / (2 * b);
        expect(runPairs(subject, pairOf(half, -half), { beta: b }).value).toBe(0);
        expect(runPairs(subject, pairOf(half + away, -half), { beta: b }).value).toBe(away * away);
      }),
    );
  });

  test('law: swapping the sides and turning the signs changes nothing', () => {
    const delta = fc.integer({ min: -60, max: 60 });
    fc.assert(
      fc.property(delta, delta, (chosen, rejected) => {
        expectFloat32(
          [runPairs(subject, pairOf(-rejected, -chosen)).value],
          [runPairs(subject, pairOf(chosen, rejected)).value],
        );
      }),
    );
  });

  test('law: the sides are independent', () => {
    const delta = fc.integer({ min: -60, max: 60 });
    fc.assert(
      fc.property(delta, delta, (chosen, rejected) => {
        const [one, other] = [pairOf(chosen, rejected), pairOf(chosen, 0)].map((pair) => runPairs(subject, pair));
        expect(one.gradients.policyChosenLogps).toEqual(other.gradients.policyChosenLogps);
      }),
    );
  });
});
