import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { countSlots, countTrajectories, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { unknownWord } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { sftLoss } from './sft.ts';

const specs: InputSpecs = {
  policyLogps: { shape: 'B T', kind: 'logps', trained: true },
  mask: { shape: 'B T', kind: 'mask' },
};
const subject: LossCase = {
  name: 'sftLoss',
  inputs: specs,
  options: fc.record({ reduction: fc.constantFrom('flat', 'row', 'sum') }),
  loss: (inputs, options) => sftLoss(inputs as never, options),
  reference: (inputs, options) => reference.sftLoss(inputs as never, options),
  refusals: [...unknownWord('reduction', ['flat', 'row', 'sum'])],
  normalizer: (inputs, options) => (options.reduction === 'flat' ? countSlots(inputs) : countTrajectories(inputs)),
};
const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => sftLoss(t as never, options), inputs, ['policyLogps']);
const drawn = inputsOf(specs, 2);

onBackend('sftLoss', () => {
  lossContract(subject);

  test('law: ln V per token for a uniform model, 0 for a perfect one', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 2, max: 50000 }), async (inputs, vocabulary) => {
        const constant = (x: number): Arrays => ({
          ...inputs,
          policyLogps: (inputs.mask as Matrix).map((row) => row.map(() => x)),
        });
        const some = flat(inputs.mask!).some((m) => m > 0);
        expectFloat32(
          [(await run(constant(-Math.fround(Math.log(vocabulary))))).value],
          [some ? Math.fround(Math.log(vocabulary)) : 0],
        );
        expect(Math.abs((await run(constant(0))).value)).toBe(0);
      }),
    );
  });

  test('law: every valid token receives −1/N, whatever its probability', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const count = flat(inputs.mask!).filter((m) => m > 0).length;
        (await run(inputs)).gradients.policyLogps!.forEach((g, i) => {
          expectFloat32([g], [flat(inputs.mask!)[i]! > 0 ? -1 / count : 0]);
        });
      }),
    );
  });

  test('law: linear in the log-probs', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const doubled = { ...inputs, policyLogps: (inputs.policyLogps as Matrix).map((row) => row.map((x) => 2 * x)) };
        expectFloat32([(await run(doubled)).value], [2 * (await run(inputs)).value]);
      }),
    );
  });

  test('law: all three reductions agree on one token a row; the sum is the mean times the length', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -90, max: 0 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        async (logps, length) => {
          const rows = {
            policyLogps: logps.map((x) => new Array<number>(length).fill(x)),
            mask: logps.map(() => new Array<number>(length).fill(1)),
          };
          const [token, mean, sum] = await Promise.all(
            ['flat', 'row', 'sum'].map(async (reduction) => (await run(rows, { reduction })).value),
          );
          expectFloat32([mean!, sum!], [token!, token! * length]);
        },
      ),
    );
  });
});
