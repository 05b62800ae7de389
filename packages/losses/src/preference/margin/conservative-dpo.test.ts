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
import { expectFloat32 } from '../../test-support/running/close.ts';
import { conservativeDpoLoss } from './conservative-dpo.ts';

const subject = pairCase('conservativeDpoLoss', conservativeDpoLoss, reference.conservativeDpoLoss, {
  options: fc.record({ beta, labelSmoothing: fc.constantFrom(0, 0.1, 0.2, 0.5) }),
  refusals: [...wrongBeta, ...outside('labelSmoothing', '[0, 0.5]', [-1e-9, 0.6])],
  resolution: 1e-15,
});

onBackend('conservativeDpoLoss', () => {
  pairGolden(subject, 'dpo.sigmoid.eps0.1', { labelSmoothing: 0.1 });
  pairGolden(subject, 'dpo.sigmoid.eps0.3', { labelSmoothing: 0.3 });
  lossContract(subject);
  pairLaws(subject, { atReference: () => Math.LN2, scaleFree: true });
  marginLaws(subject);

  test('law: least where βh = log((1−ε)/ε)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.05, max: 0.45, noNaN: true }),
        fc.double({ min: 0.5, max: 20, noNaN: true }),
        async (labelSmoothing, away) => {
          const best = Math.log((1 - labelSmoothing) / labelSmoothing) / 0.1;
          const at = async (h: number): Promise<number> =>
            (await runPairs(subject, pairOf(Math.fround(h), 0), { labelSmoothing })).value;
          expect(await at(best)).toBeLessThanOrEqual(await at(best + away));
          expect(await at(best)).toBeLessThanOrEqual(await at(best - away));
        },
      ),
    );
  });

  test('law: at ε = ½ it is even in the margin', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), async (inputs) => {
        const options = { labelSmoothing: 0.5 };
        expectFloat32(
          [(await runPairs(subject, swapSides(inputs), options)).value],
          [(await runPairs(subject, inputs, options)).value],
        );
      }),
    );
  });

  test('law: the default ε is 0.2, and ε = 0 is plain DPO', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), async (inputs) => {
        expect(await runPairs(subject, inputs)).toEqual(await runPairs(subject, inputs, { labelSmoothing: 0.2 }));
        const plain = reference.dpoLoss(inputs as never);
        expectFloat32([(await runPairs(subject, inputs, { labelSmoothing: 0 })).value], [plain.value]);
      }),
    );
  });
});
