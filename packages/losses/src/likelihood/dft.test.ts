import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { countSlots, countTrajectories, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { unknownWord } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { dftLoss } from './dft.ts';
import { sftLoss } from './sft.ts';

const specs: InputSpecs = {
  policyLogps: { shape: 'B T', kind: 'logps', trained: true },
  mask: { shape: 'B T', kind: 'mask' },
};
const subject: LossCase = {
  name: 'dftLoss',
  inputs: specs,
  options: fc.record({ reduction: fc.constantFrom('flat', 'row', 'sum') }),
  loss: (inputs, options) => dftLoss(inputs as never, options),
  reference: (inputs, options, frozen) => reference.dftLoss(inputs as never, options, frozen as never),
  refusals: unknownWord('reduction', ['flat', 'row', 'sum']),
  normalizer: (inputs, options) => (options.reduction === 'flat' ? countSlots(inputs) : countTrajectories(inputs)),
};
const run = (inputs: Arrays) => evaluateLoss((t) => dftLoss(t as never), inputs, ['policyLogps']);
const drawn = inputsOf(specs, 1);

onBackend('dftLoss', () => {
  lossContract(subject);

  test('law: 0 where the model is certain, either way', async () => {
    for (const logp of [0, -1e5]) {
      const { value } = await run({ policyLogps: [[logp, logp]], mask: [[1, 1]] });
      expect(Math.abs(value)).toBe(0);
    }
  });

  test('law: between 0 and 1/e a token, largest at p = 1/e', () =>
    fc.assert(
      fc.asyncProperty(fc.double({ min: -50, max: 0, noNaN: true }), async (logp) => {
        const { value } = await run({ policyLogps: [[logp]], mask: [[1]] });
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(Math.exp(-1) * (1 + 1e-6));
      }),
    ));

  test('law: its gradient is SFT’s, times the token’s probability', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const sft = await evaluateLoss((t) => sftLoss(t as never), inputs, ['policyLogps']);
        const own = await run(inputs);
        const expected = sft.gradients.policyLogps!.map((g, i) =>
          g === 0 ? 0 : g * Math.exp(flat(inputs.policyLogps!)[i]!),
        );
        expectFloat32(own.gradients.policyLogps!, expected);
      }),
    ));
});
