import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { valueSpecs } from '../test-support/cases/cases.ts';
import { countByReduction, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { notFinite, unknownWord } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { valueLoss } from './value.ts';

const subject: LossCase = {
  name: 'valueLoss',
  inputs: valueSpecs,
  options: fc.record({ scale: fc.constantFrom(0.25, 0.5, 1), reduction: fc.constantFrom('row', 'flat') }),
  loss: (inputs, options) => valueLoss(inputs as never, options),
  reference: (inputs, options) => reference.valueLoss(inputs as never, options),
  refusals: [...notFinite('scale'), ...unknownWord('reduction', ['row', 'flat'])],
  normalizer: countByReduction,
};
const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => valueLoss(t as never, options), inputs, ['values']);
const drawn = inputsOf(valueSpecs, 1);

onBackend('valueLoss', () => {
  lossContract(subject);

  test('law: 0 with zero gradient where values meet their targets, and only there', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const met = await run({ ...inputs, values: inputs.targets! });
        expect(Math.abs(met.value)).toBe(0);
        expect(met.gradients.values!.every((g) => Math.abs(g) === 0)).toBe(true);
      }),
    );
    expect((await run({ values: [[0.5]], targets: [[1]], mask: [[1]] })).value).toBe(0.25);
  });

  test('law: the best constant is the mean of the targets', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(-1, 1), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        async (targets, away) => {
          const mean = targets.reduce((a, b) => a + b, 0) / targets.length;
          const at = async (v: number): Promise<number> =>
            (
              await run({
                values: [targets.map(() => Math.fround(v))],
                targets: [targets],
                mask: [targets.map(() => 1)],
              })
            ).value;
          expect(await at(mean)).toBeLessThan(await at(mean + away));
          expect(await at(mean)).toBeLessThan(await at(mean - away));
        },
      ),
    );
  });

  test('law: a constant on values and targets changes nothing', async () => {
    const eighth = fc.integer({ min: -16, max: 16 }).map((k) => k / 8);
    await fc.assert(
      fc.asyncProperty(eighth, eighth, fc.integer({ min: -9, max: 9 }), async (v, y, shift) => {
        expect(await run({ values: [[v + shift]], targets: [[y + shift]], mask: [[1]] })).toEqual(
          await run({ values: [[v]], targets: [[y]], mask: [[1]] }),
        );
      }),
    );
  });

  test('law: 0/1 targets coded as ±1 make errors twice, the loss four times as large', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const coded = (name: string): Matrix => (inputs[name] as Matrix).map((row) => row.map((x) => 2 * x - 1));
        const exact = (await run({ ...inputs, values: (inputs.values as Matrix).map((row) => row.map(Math.fround)) }))
          .value;
        const signed = {
          ...inputs,
          values: coded('values').map((row) => row.map(Math.fround)),
          targets: coded('targets').map((row) => row.map(Math.fround)),
        };
        const error = Math.max(...flat(inputs.values!).map(Math.abs), ...flat(inputs.targets!).map(Math.abs), 1);
        expect(Math.abs((await run(signed)).value - 4 * exact)).toBeLessThan(1e-4 * error * error);
      }),
    );
  });

  test('law: a tanh head never reaches ±1, so its loss is never 0', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: -8, max: 8, noNaN: true }), fc.constantFrom(-1, 1), async (hidden, outcome) => {
        expect(
          (await run({ values: [[Math.fround(Math.tanh(hidden))]], targets: [[outcome]], mask: [[1]] })).value,
        ).toBeGreaterThan(0);
      }),
    );
  });
});
