import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exoPairLoss } from './exo-pair.ts';
import * as reference from './reference/index.ts';
import { onBackend } from './testing/backend.ts';
import { isClose } from './testing/close.ts';
import { pairGolden } from './testing/golden.ts';
import { beta } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';
import { pairCase, pairOf, pairs, runPairs, swapSides } from './testing/pair-case.ts';
import { betaErrors, marginLaws, pairLaws } from './testing/pair-laws.ts';

const subject = pairCase('exoPairLoss', exoPairLoss, reference.exoPairLoss, {
  options: fc.record({ beta, labelSmoothing: fc.constantFrom(0.001, 0.1, 0.5, 0.9) }),
  resolution: 1e-15,
});

onBackend('exoPairLoss', () => {
  pairGolden(subject, 'dpo.exo_pair.eps0.1', { labelSmoothing: 0.1 });
  lossContract(subject);
  pairLaws(subject, {
    atReference: () => -Math.LN2 - 0.5 * Math.log(0.1 * 0.9),
    scaleFree: true,
    options: { labelSmoothing: 0.1 },
  });
  marginLaws(subject);
  betaErrors(subject);

  test('law: a KL divergence: never negative, 0 only at βh = log((1−ε)/ε)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: -300, max: 300 }),
        (labelSmoothing, h) => {
          const at = (x: number): number => runPairs(subject, pairOf(Math.fround(x), 0), { labelSmoothing }).value;
          expect(at(h)).toBeGreaterThanOrEqual(-1e-6);
          expect(at(Math.log((1 - labelSmoothing) / labelSmoothing) / 0.1)).toBeCloseTo(0, 5);
        },
      ),
    );
  });

  test('law: swapping the sides and ε → 1 − ε changes nothing', () => {
    fc.assert(
      fc.property(pairs(1), fc.constantFrom(0.25, 0.125, 0.5), (inputs, labelSmoothing) => {
        const mirrored = runPairs(subject, swapSides(inputs), { labelSmoothing: 1 - labelSmoothing }).value;
        expect(isClose(mirrored, runPairs(subject, inputs, { labelSmoothing }).value, 1e-4, 1e-6)).toBe(true);
      }),
    );
  });

  test('law: bounded by the surprise of the less likely label', () => {
    fc.assert(
      fc.property(fc.integer({ min: -90000, max: 90000 }), (h) => {
        expect(runPairs(subject, pairOf(h, 0)).value).toBeLessThanOrEqual(-Math.log(0.001) + 1e-5);
      }),
    );
  });

  test('errors: label smoothing outside (0, 1)', () => {
    for (const bad of [0, 1, -0.1]) {
      const call = () => runPairs(subject, pairOf(0, 0), { labelSmoothing: bad });
      expect(call).toThrow(`exoPairLoss: labelSmoothing must be in (0, 1), got ${bad}`);
    }
  });
});
