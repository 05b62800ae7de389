import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { ktoSpecs } from '../test-support/cases/cases.ts';
import { numbers } from '../test-support/cases/golden.ts';
import { beta, countRows, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { negative, wrongBeta } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { apoZeroUnpairedLoss } from './apo-zero-unpaired.ts';

const { policyKlLogps: _policy, referenceKlLogps: _reference, ...specs } = ktoSpecs;
type Rows = Pick<reference.KtoArrays, 'policyLogps' | 'referenceLogps' | 'labels'>;

const subject: LossCase = {
  name: 'apoZeroUnpairedLoss',
  inputs: specs,
  options: fc.record({ beta, desirableWeight: fc.constantFrom(0.5, 1, 1.33) }),
  loss: (inputs, options) => apoZeroUnpairedLoss(inputs as never, options),
  reference: (inputs, options) => reference.apoZeroUnpairedLoss(inputs as unknown as Rows, options),
  refusals: [...wrongBeta, ...negative('desirableWeight'), ...negative('undesirableWeight')],
  normalizer: countRows,
};

const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => apoZeroUnpairedLoss(t as never, options), inputs, ['policyLogps']);
const one = (delta: number, label: number): Arrays => ({ policyLogps: [delta], referenceLogps: [0], labels: [label] });

onBackend('apoZeroUnpairedLoss', () => {
  test('golden kto.apo_zero_unpaired', async () => {
    for (const [i, row] of [one(2, 1), one(-1, 1), one(-1, 0)].entries()) {
      const expected = [numbers('kto.apo_zero_unpaired', 'losses')[i]!];
      expectFloat64([reference.apoZeroUnpairedLoss(row as unknown as Rows).value], expected);
      expectFloat32([(await run(row)).value], expected);
    }
  });

  lossContract(subject);

  test('law: KTO with mismatched pairs that have not moved', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(specs, 2), beta, async (inputs, b) => {
        const still = { ...inputs, policyKlLogps: [-1, -2], referenceKlLogps: [-1, -2] };
        const kto = reference.ktoLoss(still as unknown as reference.KtoArrays, { beta: b });
        const own = await run(inputs, { beta: b });
        expectFloat32([own.value], [kto.value]);
        expectFloat32(own.gradients.policyLogps!, flat(kto.gradients.policyLogps));
      }),
    );
  });

  test('law: a desirable and an undesirable example with equal log-ratios add up to 1', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -300, max: 300 }), async (delta) => {
        expect((await run(one(delta, 1))).value + (await run(one(delta, 0))).value).toBeCloseTo(1, 5);
      }),
    );
  });

  test('law: falls with the log-ratio of a desirable example', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -80, max: 80 }), fc.integer({ min: 1, max: 40 }), async (delta, more) => {
        expect((await run(one(delta + more, 1))).value).toBeLessThan((await run(one(delta, 1))).value);
      }),
    );
  });
});
