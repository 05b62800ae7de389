import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from './reference/index.ts';
import { robustDpoLoss } from './robust-dpo.ts';
import { onBackend } from './testing/backend.ts';
import { isClose } from './testing/close.ts';
import { pairGolden } from './testing/golden.ts';
import { beta } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';
import { logits, pairCase, pairOf, pairs, runPairs, swapSides } from './testing/pair-case.ts';
import { betaErrors, marginLaws, pairLaws } from './testing/pair-laws.ts';

const subject = pairCase('robustDpoLoss', robustDpoLoss, reference.robustDpoLoss, {
  options: fc.record({ beta, labelSmoothing: fc.constantFrom(0, 0.1, 0.3, 0.45) }),
});

onBackend('robustDpoLoss', () => {
  pairGolden(subject, 'dpo.robust.eps0.1', { labelSmoothing: 0.1 });
  pairGolden(subject, 'dpo.robust.eps0.3', { labelSmoothing: 0.3 });
  lossContract(subject);
  pairLaws(subject, { atReference: () => Math.LN2, scaleFree: true });
  marginLaws(subject);
  betaErrors(subject);

  test('law: unbiased: averaged over flips of probability ε it is the clean DPO loss', () => {
    fc.assert(
      fc.property(pairs(1), fc.double({ min: 0, max: 0.4, noNaN: true }), (inputs, labelSmoothing) => {
        const kept = runPairs(subject, inputs, { labelSmoothing }).value;
        const flipped = runPairs(subject, swapSides(inputs), { labelSmoothing }).value;
        const clean = reference.dpoLoss(inputs as never).value;
        const scale = Math.max(1, ...logits(inputs, 0.1).map(Math.abs)) / (1 - 2 * labelSmoothing);
        expect(isClose((1 - labelSmoothing) * kept + labelSmoothing * flipped, clean, 1e-4, 1e-5 * scale)).toBe(true);
      }),
    );
  });

  test('law: falls in the margin, without end once ε > 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 1, max: 100 }), (h, more) => {
        const at = (margin: number): number => runPairs(subject, pairOf(margin, 0)).value;
        expect(at(h + more)).toBeLessThan(at(h));
      }),
    );
    expect(runPairs(subject, pairOf(1e4, 0)).value).toBeLessThan(-100);
  });

  test('errors: label smoothing outside [0, ½)', () => {
    for (const bad of [0.5, -0.01]) {
      const call = () => runPairs(subject, pairOf(0, 0), { labelSmoothing: bad });
      expect(call).toThrow(`robustDpoLoss: labelSmoothing must be in [0, 0.5), got ${bad}`);
    }
  });
});
