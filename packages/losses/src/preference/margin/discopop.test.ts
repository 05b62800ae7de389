import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { pairCase, pairOf, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { marginLaws, pairLaws } from '../../test-support/contract/pair-laws.ts';
import { notPositive, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { discopopLoss } from './discopop.ts';

const subject = pairCase('discopopLoss', discopopLoss, reference.discopopLoss, {
  options: fc.record({ beta, temperature: fc.constantFrom(0.05, 0.5, 1) }),
  refusals: [...wrongBeta, ...notPositive('temperature', 'it is the width of the blend')],
  resolution: 1e-14,
  differenceStep: (options) => (1e-4 * Number(options.temperature)) / Math.max(1, Number(options.beta)),
});

onBackend('discopopLoss', () => {
  pairGolden(subject, 'dpo.discopop');
  lossContract(subject);
  pairLaws(subject, { atReference: () => 0.5 * Math.LN2 + 0.5, scaleFree: true });
  marginLaws(subject);

  test('law: the logistic loss far below, the exponential one far above', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 40, max: 800 }), async (far) => {
        expectFloat32([(await runPairs(subject, pairOf(-far, 0))).value], [reference.softplus(0.1 * far)]);
        expectFloat32([(await runPairs(subject, pairOf(far, 0))).value], [Math.exp(-0.1 * far)]);
      }),
    );
  });

  test('law: positive and finite for every margin', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -100000, max: 500 }), async (h) => {
        const { value, gradients } = await runPairs(subject, pairOf(h, 0));
        expect(value).toBeGreaterThan(0);
        expect(Number.isFinite(value)).toBe(true);
        expect(gradients.policyChosenLogps!.every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
