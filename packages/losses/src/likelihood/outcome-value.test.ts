import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { valueSpecs } from '../test-support/cases/cases.ts';
import { numbers } from '../test-support/cases/golden.ts';
import { countTrajectories, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { notFinite } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { outcomeValueLoss } from './outcome-value.ts';

const subject: LossCase = {
  name: 'outcomeValueLoss',
  inputs: valueSpecs,
  options: fc.record({ scale: fc.constantFrom(0.5, 1) }),
  loss: (inputs, options) => outcomeValueLoss(inputs as never, options),
  reference: (inputs, options) => reference.outcomeValueLoss(inputs as never, options),
  refusals: [...notFinite('scale')],
  normalizer: countTrajectories,
};
const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => outcomeValueLoss(t as never, options), inputs, ['values']);

onBackend('outcomeValueLoss', () => {
  test('golden value.ovm: a sum over tokens, a mean over solutions', async () => {
    const rows = (field: string): number[][] => [
      numbers('value.ovm', field).slice(0, 3),
      numbers('value.ovm', field).slice(3),
    ];
    const inputs = {
      values: rows('scores'),
      targets: rows('labels'),
      mask: rows('labels').map((row) => row.map((y) => Number(y !== -100))),
    };
    const exact = reference.outcomeValueLoss(inputs);
    expectFloat64([exact.value], numbers('value.ovm', 'loss'));
    expectFloat64(flat(exact.gradients.values), numbers('value.ovm', 'grad'));
    const own = await run(inputs);
    expectFloat32([own.value], numbers('value.ovm', 'loss'));
    expectFloat32(own.gradients.values!, numbers('value.ovm', 'grad'));
  });

  lossContract(subject);

  test('law: every valid slot receives 2(V − y)/B, however long its row', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(valueSpecs, 1), async (inputs) => {
        const rows = countTrajectories(inputs);
        const expected = flat(inputs.values!).map((v, i) =>
          flat(inputs.mask!)[i]! > 0 ? (2 * (v - flat(inputs.targets!)[i]!)) / rows : 0,
        );
        expectFloat32((await run(inputs)).gradients.values!, expected);
      }),
    );
  });

  test('law: rows of n slots count n times as much as in valueLoss', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(valueSpecs, 1), async (inputs) => {
        const full = { ...inputs, mask: (inputs.mask as Matrix).map((row) => row.map(() => 1)) };
        const mean = reference.valueLoss(full as never).value;
        expectFloat32([(await run(full)).value], [mean * full.mask[0]!.length]);
      }),
    );
  });

  test('law: 0 where values meet their targets', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(valueSpecs, 1), async (inputs) => {
        expect(Math.abs((await run({ ...inputs, values: inputs.targets! })).value)).toBe(0);
      }),
    );
  });
});
