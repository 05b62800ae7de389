import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { pairCase, pairOf, pairs, runPairs, swapSides } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { marginLaws, pairLaws } from '../../test-support/contract/pair-laws.ts';
import { outside, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { isClose } from '../../test-support/running/close.ts';
import { exoPairLoss } from './exo-pair.ts';

const subject = pairCase('exoPairLoss', exoPairLoss, reference.exoPairLoss, {
  options: fc.record({ beta, labelSmoothing: fc.constantFrom(0.001, 0.1, 0.5, 0.9) }),
  refusals: [...wrongBeta, ...outside('labelSmoothing', '(0, 1)', [-0.1, 0, 1, 1.1])],
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

  test('law: a KL divergence: never negative, 0 only at βh = log((1−ε)/ε)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: -300, max: 300 }),
        async (labelSmoothing, h) => {
          const at = async (x: number): Promise<number> =>
            (await runPairs(subject, pairOf(Math.fround(x), 0), { labelSmoothing })).value;
          expect(await at(h)).toBeGreaterThanOrEqual(-1e-6);
          expect(await at(Math.log((1 - labelSmoothing) / labelSmoothing) / 0.1)).toBeCloseTo(0, 5);
        },
      ),
    );
  });

  test('law: swapping the sides and ε → 1 − ε changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), fc.constantFrom(0.25, 0.125, 0.5), async (inputs, labelSmoothing) => {
        const mirrored = (await runPairs(subject, swapSides(inputs), { labelSmoothing: 1 - labelSmoothing })).value;
        expect(isClose(mirrored, (await runPairs(subject, inputs, { labelSmoothing })).value, 1e-4, 1e-6)).toBe(true);
      }),
    );
  });

  test('law: bounded by the surprise of the less likely label', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -90000, max: 90000 }), async (h) => {
        expect((await runPairs(subject, pairOf(h, 0))).value).toBeLessThanOrEqual(-Math.log(0.001) + 1e-5);
      }),
    );
  });
});
