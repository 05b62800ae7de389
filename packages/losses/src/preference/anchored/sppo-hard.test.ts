import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { pairCase, pairOf, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { pairLaws } from '../../test-support/contract/pair-laws.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { sppoHardLoss } from './sppo-hard.ts';

const subject = pairCase('sppoHardLoss', sppoHardLoss, reference.sppoHardLoss);

onBackend('sppoHardLoss', () => {
  pairGolden(subject, 'dpo.sppo_hard');
  lossContract(subject);
  pairLaws(subject, { atReference: (b) => 1 / (2 * b * b), scaleFree: false });

  test('law: 0 exactly at Δ_w = 1/(2β), Δ_l = −1/(2β)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0.125, 0.25, 0.5, 1), fc.integer({ min: 1, max: 50 }), async (b, away) => {
        const half = 1 / (2 * b);
        expect((await runPairs(subject, pairOf(half, -half), { beta: b })).value).toBe(0);
        expect((await runPairs(subject, pairOf(half + away, -half), { beta: b })).value).toBe(away * away);
      }),
    );
  });

  test('law: swapping the sides and turning the signs changes nothing', async () => {
    const delta = fc.integer({ min: -60, max: 60 });
    await fc.assert(
      fc.asyncProperty(delta, delta, async (chosen, rejected) => {
        expectFloat32(
          [(await runPairs(subject, pairOf(-rejected, -chosen))).value],
          [(await runPairs(subject, pairOf(chosen, rejected))).value],
        );
      }),
    );
  });

  test('law: the sides are independent', async () => {
    const delta = fc.integer({ min: -60, max: 60 });
    await fc.assert(
      fc.asyncProperty(delta, delta, async (chosen, rejected) => {
        const [one, other] = await Promise.all(
          [pairOf(chosen, rejected), pairOf(chosen, 0)].map(async (pair) => await runPairs(subject, pair)),
        );
        expect(one!.gradients.policyChosenLogps).toEqual(other!.gradients.policyChosenLogps);
      }),
    );
  });
});
