import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { logits, pairCase, pairOf, pairs, runPairs, swapSides } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { marginLaws, pairLaws } from '../../test-support/contract/pair-laws.ts';
import { outside, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { isClose } from '../../test-support/running/close.ts';
import { robustDpoLoss } from './robust-dpo.ts';

const subject = pairCase('robustDpoLoss', robustDpoLoss, reference.robustDpoLoss, {
  options: fc.record({ beta, labelSmoothing: fc.constantFrom(0, 0.1, 0.3, 0.45) }),
  refusals: [...wrongBeta, ...outside('labelSmoothing', '[0, 0.5)', [-1e-9, 0.5, 0.6])],
});

onBackend('robustDpoLoss', () => {
  pairGolden(subject, 'dpo.robust.eps0.1', { labelSmoothing: 0.1 });
  pairGolden(subject, 'dpo.robust.eps0.3', { labelSmoothing: 0.3 });
  lossContract(subject);
  pairLaws(subject, { atReference: () => Math.LN2, scaleFree: true });
  marginLaws(subject);

  test('law: unbiased: averaged over flips of probability ε it is the clean DPO loss', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), fc.double({ min: 0, max: 0.4, noNaN: true }), async (inputs, labelSmoothing) => {
        const kept = (await runPairs(subject, inputs, { labelSmoothing })).value;
        const flipped = (await runPairs(subject, swapSides(inputs), { labelSmoothing })).value;
        const clean = reference.dpoLoss(inputs as never).value;
        const scale = Math.max(1, ...logits(inputs, 0.1).map(Math.abs)) / (1 - 2 * labelSmoothing);
        expect(isClose((1 - labelSmoothing) * kept + labelSmoothing * flipped, clean, 1e-4, 1e-5 * scale)).toBe(true);
      }),
    );
  });

  test('law: falls in the margin, without end once ε > 0', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 1, max: 100 }), async (h, more) => {
        const at = async (margin: number): Promise<number> => (await runPairs(subject, pairOf(margin, 0))).value;
        expect(await at(h + more)).toBeLessThan(await at(h));
      }),
    );
    expect((await runPairs(subject, pairOf(1e4, 0))).value).toBeLessThan(-100);
  });
});
