import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { logits, pairCase, pairOf, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { marginLaws, pairLaws } from '../../test-support/contract/pair-laws.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { hingeLoss } from './hinge.ts';

const subject = pairCase('hingeLoss', hingeLoss, reference.hingeLoss, {
  smooth: (inputs, options) => logits(inputs, Number(options.beta)).every((x) => Math.abs(1 - x) > 1e-3),
});

onBackend('hingeLoss', () => {
  pairGolden(subject, 'dpo.hinge');
  lossContract(subject);
  pairLaws(subject, { atReference: () => 1, scaleFree: true });
  marginLaws(subject);

  test('law: 0 with zero gradient from a margin of 1/β on, positive below', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8, max: 500 }), fc.integer({ min: -500, max: 7 }), async (above, below) => {
        const met = await runPairs(subject, pairOf(above, 0), { beta: 0.125 });
        expect(met.value).toBe(0);
        expect(Math.abs(met.gradients.policyChosenLogps![0]!)).toBe(0);
        expect((await runPairs(subject, pairOf(below, 0), { beta: 0.125 })).value).toBeGreaterThan(0);
      }),
    );
  });

  test('law: where it is positive the gradient is −β/B, however far off the pair is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -90000, max: 7 }), async (h) => {
        expect((await runPairs(subject, pairOf(h, 0), { beta: 0.125 })).gradients.policyChosenLogps![0]).toBe(-0.125);
      }),
    );
  });

  test('law: never below the DPO loss divided by ln 2 where the margin is negative, and convex', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -200, max: 200 }), fc.integer({ min: 1, max: 100 }), async (h, width) => {
        const at = async (x: number): Promise<number> => (await runPairs(subject, pairOf(x, 0))).value;
        expect((await at(h - width)) + (await at(h + width))).toBeGreaterThanOrEqual(2 * (await at(h)) - 1e-4);
      }),
    );
  });
});
