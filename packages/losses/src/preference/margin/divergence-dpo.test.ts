import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import type { Arrays } from '../../test-support/cases/arrays.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { atReference, pairCase, pairOf, pairs, runPairs, swapSides } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { pairLaws } from '../../test-support/contract/pair-laws.ts';
import { notFinite, unknownWord, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32, isClose } from '../../test-support/running/close.ts';
import { divergenceDpoLoss } from './divergence-dpo.ts';

const subject = pairCase('divergenceDpoLoss', divergenceDpoLoss, reference.divergenceDpoLoss, {
  options: fc.record({
    beta,
    divergence: fc.constantFrom('reverseKl', 'forwardKl', 'jensenShannon', 'alpha'),
    alpha: fc.constantFrom(-1, 0, 0.3, 0.5, 2),
  }),
  refusals: [
    ...wrongBeta,
    ...unknownWord('divergence', ['reverseKl', 'forwardKl', 'jensenShannon', 'alpha']),
    ...notFinite('alpha'),
  ],
});

/** The first pair alone. */
const firstPair = (inputs: Arrays): Arrays =>
  Object.fromEntries(Object.entries(inputs).map(([name, row]) => [name, row.slice(0, 1)])) as Arrays;

onBackend('divergenceDpoLoss', () => {
  pairGolden(subject, 'dpo.sigmoid');
  pairGolden(subject, 'dpo.sigmoid.js', { divergence: 'jensenShannon' });
  lossContract(subject);
  pairLaws(subject, { atReference: () => Math.LN2, scaleFree: false, options: { divergence: 'jensenShannon' } });

  test('law: the reverse KL is plain DPO', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(2), beta, async (inputs, b) => {
        const plain = reference.dpoLoss(inputs as never, { beta: b });
        const own = await runPairs(subject, inputs, { beta: b });
        expectFloat32([own.value], [plain.value]);
      }),
    );
  });

  test('law: ln 2 at the reference for every divergence', async () => {
    await fc.assert(
      fc.asyncProperty(
        pairs(1),
        fc.constantFrom('reverseKl', 'forwardKl', 'jensenShannon'),
        async (inputs, divergence) => {
          expectFloat32([(await runPairs(subject, atReference(inputs), { divergence })).value], [Math.LN2]);
        },
      ),
    );
  });

  test('law: near the reference all three agree to first order once their scores’ slopes do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(['forwardKl', 1], ['jensenShannon', 0.5]), async ([divergence, slope]) => {
        const own = (await runPairs(subject, pairOf(0, 0), { divergence })).gradients.policyChosenLogps![0];
        const plain = (await runPairs(subject, pairOf(0, 0))).gradients.policyChosenLogps![0]!;
        expect(own).toBeCloseTo(plain * Number(slope), 7);
      }),
    );
  });

  test('law: chosen up, rejected down, under every divergence', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(0.5), fc.constantFrom('forwardKl', 'jensenShannon'), async (inputs, divergence) => {
        const { gradients } = await runPairs(subject, inputs, { divergence });
        expect(gradients.policyChosenLogps!.every((g) => g <= 0)).toBe(true);
        expect(gradients.policyRejectedLogps!.every((g) => g >= 0)).toBe(true);
      }),
    );
  });

  test('law: the α-divergence is the forward KL at 1, and at 0 the reverse KL', () =>
    fc.assert(
      fc.asyncProperty(pairs(0.5), beta, async (inputs, b) => {
        const at = (divergence: string, alpha = 0.5) => runPairs(subject, inputs, { beta: b, divergence, alpha });
        expect(await at('alpha', 1)).toEqual(await at('forwardKl'));
        expect(await at('alpha', 0)).toEqual(await at('reverseKl'));
        const [near, limit] = [await at('alpha', 1e-7), await at('alpha', 0)];
        expect(isClose(near.value, limit.value, 1e-4, 1e-5)).toBe(true);
      }),
    ));

  test('law: swapping the sides changes the loss by x, whatever the divergence', () =>
    fc.assert(
      fc.asyncProperty(
        pairs(0.5),
        fc.constantFrom('forwardKl', 'jensenShannon', 'alpha'),
        async (inputs, divergence) => {
          const one = firstPair(inputs);
          const there = await runPairs(subject, one, { divergence });
          const back = await runPairs(subject, swapSides(one), { divergence });
          const exact = reference.divergenceDpoLoss(one as never, { divergence: divergence as 'alpha' });
          const x = Math.log(Math.expm1(exact.value)) * -1;
          expect(isClose(there.value - back.value, -x, 1e-4, 1e-4)).toBe(true);
        },
      ),
    ));

  test('edge: Jensen-Shannon stays finite at 1e5', async () => {
    expectFloat32(
      [(await runPairs(subject, pairOf(-1e5, 0), { divergence: 'jensenShannon' })).value],
      [1e4 - 0.1 * Math.LN2],
    );
  });

  test('edge: where e^{−Δ} has no float32, forward KL is 0 or ∞ and never NaN, and equal sides are ln 2', async () => {
    const at = async (chosen: number, rejected: number): Promise<number> =>
      (await runPairs(subject, pairOf(chosen, rejected), { divergence: 'forwardKl' })).value;
    expect(await at(-1e5, -99000)).toBe(Number.POSITIVE_INFINITY);
    expect(await at(-99000, -1e5)).toBe(0);
    expectFloat32([await at(-1e5, -1e5)], [Math.LN2]);
  });
});
