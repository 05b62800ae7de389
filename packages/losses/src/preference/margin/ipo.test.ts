import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { lengthSpecs } from '../../test-support/cases/cases.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import type { LossCase } from '../../test-support/cases/loss-case.ts';
import { pairCase, pairOf, pairSpecs, runPairs, weighted } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { marginLaws, pairLaws } from '../../test-support/contract/pair-laws.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { ipoLoss } from './ipo.ts';

const subject = pairCase('ipoLoss', ipoLoss, reference.ipoLoss);

const perToken: LossCase = {
  ...subject,
  inputs: weighted({
    ...pairSpecs,
    chosenLengths: lengthSpecs.chosenLengths!,
    rejectedLengths: lengthSpecs.rejectedLengths!,
  }),
};

onBackend('ipoLoss per token', () => {
  lossContract(perToken);

  test('law: lengths of 1 change nothing, and lengths n are log-ratios divided by n', async () => {
    const [one, four] = [1, 4].map((n) => ({ chosenLengths: [n], rejectedLengths: [n] }));
    const plain = await runPairs(subject, pairOf(3, -5));
    expect(await runPairs(subject, { ...pairOf(3, -5), ...one })).toEqual(plain);
    const shared = await runPairs(subject, { ...pairOf(12, -20), ...four });
    expect(shared.value).toBe(plain.value);
    expect(shared.gradients.policyChosenLogps![0]).toBe(plain.gradients.policyChosenLogps![0]! / 4);
  });

  test('errors: one length without the other', async () => {
    await expect(runPairs(subject, { ...pairOf(3, -5), chosenLengths: [1] })).rejects.toThrow(
      'ipoLoss: rejectedLengths must be a tensor of shape [B], got undefined',
    );
  });
});

onBackend('ipoLoss', () => {
  pairGolden(subject, 'dpo.ipo');
  pairGolden(subject, 'dpo.ipo.summed');
  lossContract(subject);
  pairLaws(subject, { atReference: (b) => 1 / (4 * b * b), scaleFree: false });
  marginLaws(subject);

  test('law: 0 exactly at a margin of 1/(2β), positive elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0.125, 0.25, 0.5, 1), fc.integer({ min: -50, max: 50 }), async (b, rejected) => {
        const at = async (h: number) => await runPairs(subject, pairOf(rejected + h, rejected), { beta: b });
        expect((await at(1 / (2 * b))).value).toBe(0);
        expect((await at(1 / (2 * b))).gradients.policyChosenLogps![0]).toBeCloseTo(0, 12);
        expect((await at(1 / (2 * b) + 0.5)).value).toBeGreaterThan(0);
      }),
    );
  });

  test('law: symmetric around its target', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -50, max: 50 }), async (away) => {
        const at = async (h: number): Promise<number> => (await runPairs(subject, pairOf(h, 0), { beta: 0.125 })).value;
        expect(await at(4 + away)).toBe(await at(4 - away));
      }),
    );
  });

  test('law: quadratic: second differences are 2·step²', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -30, max: 30 }), async (h) => {
        const at = async (x: number): Promise<number> => (await runPairs(subject, pairOf(x, 0))).value;
        expect((await at(h + 4)) - 2 * (await at(h)) + (await at(h - 4))).toBeCloseTo(32, 1);
      }),
    );
  });

  test('golden trl_head.ipo: per-token means are the caller’s division', async () => {
    const value = (await runPairs(subject, pairOf(-7.845644341189566 / 4 - -3.359164803146462 / 3, 0))).value;
    const second = (await runPairs(subject, pairOf(-0.933424123175258 / 2 - 2.046516474916139 / 5, 0))).value;
    expectFloat32([(value + second) / 2], [34.32644625051843]);
  });
});
