import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix, Vector } from '../../reference/index.ts';
import { inputsOf } from '../cases/arbitraries.ts';
import { type Arrays, type Evaluated, evaluateLoss, isMatrix } from '../cases/arrays.ts';
import type { LossCase, Options } from '../cases/loss-case.ts';
import { cases, inOperations, inShaders } from '../running/backend.ts';
import { expectFloat32 } from '../running/close.ts';
import {
  batchRows,
  hasColumns,
  inMasked,
  inValid,
  isNumeric,
  magnitude,
  mapArrays,
  takeRows,
  trainedInputs,
} from './facts.ts';

const garbage = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -1e5, 0);

/** What changes nothing: order, splitting, padding, and what is only data. */
export function invariance(subject: LossCase): void {
  const { names, drawn, run } = partsOf(subject);
  if (!inShaders) consequences(subject);

  test.each(names.filter((name) => isNumeric(subject, name)))('law: a NaN in a valid slot of %s stays NaN', (name) =>
    fc.assert(
      fc.asyncProperty(drawn, async ([inputs, options]) => {
        const poisoned = inValid(inputs, name, Number.NaN, options);
        fc.pre(poisoned !== undefined);
        if (poisoned !== undefined) expect((await run(poisoned, options)).value, `value with NaN in ${name}`).toBeNaN();
      }),
      { numRuns: cases(20) },
    ),
  );

  if (!('mask' in subject.inputs)) return;
  const maskable = names.filter((name) => isNumeric(subject, name) && hasColumns(subject, name));
  const dirtied = (inputs: Arrays, junk: number): Arrays =>
    maskable.reduce((dirty, name) => inMasked(dirty, name, junk), inputs);

  test('law: garbage in masked slots, NaN included, changes neither value nor gradient', () =>
    fc.assert(
      fc.asyncProperty(drawn, garbage, async ([inputs, options], junk) => {
        expect(await run(dirtied(inputs, junk), options)).toEqual(await run(inputs, options));
      }),
      { numRuns: cases(200) },
    ));

  test('edge: all masked is 0 with zero gradients, whatever the slots hold', () =>
    fc.assert(
      fc.asyncProperty(drawn, garbage, async ([inputs, options], junk) => {
        const blank = { ...inputs, mask: (inputs.mask as Matrix).map((row) => row.map(() => 0)) };
        await expectNothing(run(dirtied(blank, junk), options));
      }),
      { numRuns: cases(40) },
    ));
}

/** What follows from agreement with the reference, and is tried all the same where operations are cheap. */
function consequences(subject: LossCase): void {
  const { names, trained, drawn, run } = partsOf(subject);

  test('law: the order of rows changes nothing but the order of gradients', () =>
    fc.assert(
      fc.asyncProperty(drawn, async ([inputs, options]) => {
        const turned = mapArrays(inputs, (array) => [...array].reverse() as unknown as Vector);
        const [forwards, backwards] = [await run(inputs, options), await run(turned, options)];
        expectFloat32([backwards.value], [forwards.value], magnitude(inputs, options));
        for (const name of trained) {
          const rows = inputs[name]!.length;
          const width = isMatrix(inputs[name]!) ? inputs[name][0]!.length : 1;
          const reversed = Array.from({ length: rows }, (_, i) =>
            forwards.gradients[name]!.slice((rows - 1 - i) * width, (rows - i) * width),
          ).flat();
          expectFloat32(backwards.gradients[name]!, reversed);
        }
      }),
      { numRuns: cases(200) },
    ));

  test('law: with a normalizer, micro-batches add up to the big batch', () =>
    fc.assert(
      fc.asyncProperty(drawn, async ([inputs, options]) => {
        const whole = { ...options, ...subject.splitOptions };
        const part = { ...whole, normalizer: subject.normalizer(inputs, options) };
        const pieces: Evaluated[] = [];
        for (let i = 0; i < batchRows(subject, inputs); i++)
          pieces.push(await run(takeRows(subject, inputs, i, i + 1), part));
        const big = await run(inputs, whole);
        expectFloat32(
          [pieces.reduce((total, { value }) => total + value, 0)],
          [big.value],
          magnitude(inputs, options) ** 2 * 1e6,
        );
        for (const name of trained) {
          const together = pieces.flatMap(({ gradients }) => gradients[name]!);
          expectFloat32(together, big.gradients[name]!);
        }
      }),
      { numRuns: cases(200) },
    ));

  test('law: what is not trained receives no gradient', () =>
    fc.assert(
      fc.asyncProperty(drawn, async ([inputs, options]) => {
        const data = names.filter((name) => !subject.inputs[name]!.trained && subject.inputs[name]!.kind !== 'stepIds');
        const { gradients } = await evaluateLoss((t) => subject.loss(t, options), inputs, data);
        for (const name of data) expectZeros(gradients[name]!, `gradient on ${name}, which is data`);
      }),
      { numRuns: cases(20) },
    ));

  test('law: the gradient scales with what comes from above', () =>
    fc.assert(
      fc.asyncProperty(drawn, fc.double({ min: 0.125, max: 8, noNaN: true }), async ([inputs, options], factor) => {
        for (const by of [factor, -factor]) {
          const scaled = await evaluateLoss((t) => tf.mul(subject.loss(t, options), by), inputs, trained);
          const plain = await run(inputs, options);
          for (const name of trained) {
            const expected = plain.gradients[name]!.map((g) => g * Math.fround(by));
            expectFloat32(scaled.gradients[name]!, expected);
          }
        }
      }),
      { numRuns: cases(20) },
    ));

  if (!('mask' in subject.inputs)) return;
  test('law: a masked column is as good as a missing one', () =>
    fc.assert(
      fc.asyncProperty(drawn, async ([inputs, options]) => {
        const padded = mapArrays(inputs, (array) => (isMatrix(array) ? array.map((row) => [...row, 0]) : array));
        const [wide, narrow] = [await run(padded, options), await run(inputs, options)];
        const size = magnitude(inputs, options);
        expectFloat32([wide.value], [narrow.value], size);
        const width = (inputs.mask as Matrix)[0]!.length;
        for (const name of trained) {
          const kept = wide.gradients[name]!.filter((_, i) => i % (width + 1) < width);
          expectFloat32(kept, narrow.gradients[name]!, size);
          const masked = wide.gradients[name]!.filter((_, i) => i % (width + 1) === width);
          expectZeros(masked, `gradient on ${name} in the masked column`);
        }
      }),
      { numRuns: cases(200) },
    ));
}

/** A case's inputs by name, batches to draw, and the loss on one. */
function partsOf(subject: LossCase) {
  const trained = trainedInputs(subject);
  return {
    names: Object.keys(subject.inputs),
    trained,
    drawn: fc.tuple(inputsOf(subject.inputs, inOperations ? 1 : 3), subject.options),
    run: (inputs: Arrays, options: Options): Promise<Evaluated> =>
      evaluateLoss((t) => subject.loss(t, options), inputs, trained),
  };
}

/** A loss of 0 and gradients of 0. */
export async function expectNothing(evaluated: Promise<Evaluated>): Promise<void> {
  const { value, gradients } = await evaluated;
  expect(Math.abs(value), 'value of nothing').toBe(0);
  for (const [name, gradient] of Object.entries(gradients)) expectZeros(gradient, `gradient on ${name} of nothing`);
}

/** −0 is 0. */
function expectZeros(gradient: readonly number[], what: string): void {
  expect(
    gradient.filter((g) => g !== 0),
    `${what}: numbers that are not 0`,
  ).toEqual([]);
}
