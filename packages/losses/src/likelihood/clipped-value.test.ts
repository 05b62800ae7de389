import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { countByReduction, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { notFinite, notPositive, unknownWord } from '../test-support/contract/refusals.ts';
import { cases, onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { clippedValueLoss } from './clipped-value.ts';
import { valueLoss } from './value.ts';

const specs: InputSpecs = {
  values: { shape: 'B S', kind: 'values', trained: true },
  oldValues: { shape: 'B S', kind: 'values' },
  targets: { shape: 'B S', kind: 'values' },
  mask: { shape: 'B S', kind: 'mask' },
};
const subject: LossCase = {
  name: 'clippedValueLoss',
  inputs: specs,
  options: fc.record({
    clip: fc.constantFrom(0.1, 0.2, 5),
    scale: fc.constantFrom(0.5, 1),
    reduction: fc.constantFrom('row', 'flat'),
  }),
  loss: (inputs, options) => clippedValueLoss(inputs as never, options),
  reference: (inputs, options) => reference.clippedValueLoss(inputs as never, options),
  refusals: [
    ...notPositive('clip', 'a value further than it from its old one is held back'),
    ...notFinite('scale'),
    ...unknownWord('reduction', ['row', 'flat']),
  ],
  // Where a value is just being held back, or the two errors are equal, there is no derivative.
  smooth: (inputs, options) =>
    flat(inputs.values!).every((v, i) => {
      const [old, y] = [flat(inputs.oldValues!)[i]!, flat(inputs.targets!)[i]!];
      const held = old + Math.sign(v - old) * Number(options.clip) - y;
      const kink = Math.min(
        Math.abs(Math.abs(v - old) - Number(options.clip)),
        Math.abs(Math.abs(held) - Math.abs(v - y)),
      );
      return kink > 1e-3;
    }),
  normalizer: countByReduction,
};
const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => clippedValueLoss(t as never, options), inputs, ['values']);
const drawn = inputsOf(specs, 0.5);
const one = (value: number, old: number, target: number): Arrays => ({
  values: [[value]],
  oldValues: [[old]],
  targets: [[target]],
  mask: [[1]],
});

onBackend('clippedValueLoss', () => {
  lossContract(subject);

  test('law: never below the plain squared error, and equal to it where no value moved beyond the clip', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const plain = await evaluateLoss((t) => valueLoss(t as never, { scale: 0.5 }), inputs, ['values']);
        expect((await run(inputs)).value).toBeGreaterThanOrEqual(plain.value * (1 - 1e-5));
        const wide = await run(inputs, { clip: 1e6 });
        expectFloat32([wide.value, ...wide.gradients.values!], [plain.value, ...plain.gradients.values!]);
      }),
    ));

  test('law: a value that moved too far towards its target stops learning, one that moved away does not', async () => {
    const towards = await run(one(0.9, 0, 1));
    expectFloat32([towards.value], [0.5 * 0.8 ** 2]);
    expect(Math.abs(towards.gradients.values![0]!)).toBe(0);
    const away = await run(one(-0.9, 0, 1));
    expectFloat32([away.value, away.gradients.values![0]!], [0.5 * 1.9 ** 2, -1.9]);
  });

  test('law: values, old values and targets moved together change nothing', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: -8, max: 8 }), fc.integer({ min: -8, max: 8 }), async (value, shift) => {
        const at = (by: number) => run(one(value / 4 + by, by, 1 + by), { clip: 0.25 });
        expect(await at(shift)).toEqual(await at(0));
      }),
    ));

  test('law: the old values receive nothing', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { gradients } = await evaluateLoss((t) => clippedValueLoss(t as never), inputs, ['oldValues']);
        expect(gradients.oldValues!.every((g) => g === 0)).toBe(true);
        expect((inputs.mask as Matrix).length).toBe(inputs.values!.length);
      }),
      { numRuns: cases(10) },
    ));
});
