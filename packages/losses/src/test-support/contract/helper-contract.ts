import { type Tensor, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../../manifest/manifest.ts';
import type { Matrix } from '../../reference/index.ts';
import { inputsOf, oneOf } from '../cases/arbitraries.ts';
import { type Arrays, flat, isMatrix, readAll, toTensor, toTensors } from '../cases/arrays.ts';
import type { Options } from '../cases/loss-case.ts';
import { cases, inOperations, repeats } from '../running/backend.ts';
import { expectFloat32 } from '../running/close.ts';
import { largestInput } from './facts.ts';
import { refusalMessages } from './refusal-messages.ts';
import type { Refusal } from './refusals.ts';

/** An operation beneath the losses: tensors in, one tensor out. */
export interface HelperCase {
  readonly name: string;
  /** In the order the operation checks them. */
  readonly inputs: InputSpecs;
  readonly options?: fc.Arbitrary<Options>;
  readonly compute: (inputs: Record<string, Tensor>, options: Options) => Tensor;
  readonly reference: (inputs: Arrays, options: Options) => readonly number[];
  readonly refusals?: readonly Refusal[];
  /** What may hold anything where a mask is 0, and that mask's name. */
  readonly masked?: Readonly<Record<string, string>>;
  /** Inputs that carry gradient; all others must not. */
  readonly carries?: readonly string[];
}

/** The laws of an operation that is no loss: as `lossContract`, less what needs a scalar. */
export function helperContract(subject: HelperCase): void {
  const options = subject.options ?? fc.constant({});
  const names = Object.keys(subject.inputs);
  const numeric = names.filter((name) => subject.inputs[name]!.kind !== 'mask');
  const run = async (inputs: Arrays, given: Options): Promise<number[]> =>
    (await readAll(() => [subject.compute(toTensors(inputs), given)]))[0]!;
  const agree = async (inputs: Arrays, given: Options): Promise<void> => {
    const exact = subject.reference(inputs, given);
    expect(exact.some(Number.isNaN)).toBe(false);
    expectFloat32(await run(inputs, given), exact, largestInput(inputs) * (inOperations ? 1 : 1e6));
  };

  test('law: equals the float64 reference', () =>
    fc.assert(fc.asyncProperty(inputsOf(subject.inputs, inOperations ? 1 : 3), options, agree), {
      numRuns: cases(100),
    }));

  test('law: right for one row of one column, and at 1e5', async () => {
    await fc.assert(fc.asyncProperty(inputsOf(subject.inputs, 1, { maxRows: 1, maxColumns: 1 }), options, agree));
    const far = (array: Arrays[string]): Arrays[string] => {
      const reach = (x: number): number => (x < 0 ? -1e5 : 99999);
      return isMatrix(array) ? array.map((row) => row.map(reach)) : array.map(reach);
    };
    await fc.assert(
      fc.asyncProperty(inputsOf(subject.inputs, 1), options, (inputs, given) =>
        agree({ ...inputs, ...Object.fromEntries(numeric.map((name) => [name, far(inputs[name]!)])) }, given),
      ),
    );
  });

  for (const [name, mask] of Object.entries(subject.masked ?? {})) {
    test(`law: what ${name} holds where ${mask} is 0, NaN included, changes nothing`, () =>
      fc.assert(
        fc.asyncProperty(inputsOf(subject.inputs, 1), options, async (inputs, given) => {
          const valid = inputs[mask] as Matrix;
          const dirty = (inputs[name] as Matrix).map((row, i) =>
            row.map((x, t) => (valid[i]![t]! > 0 ? x : Number.NaN)),
          );
          expect(await run({ ...inputs, [name]: dirty }, given)).toEqual(await run(inputs, given));
        }),
      ));
  }

  test.each(numeric)('law: a NaN in %s where it counts stays NaN', (name) =>
    fc.assert(
      fc.asyncProperty(inputsOf(subject.inputs, 1), options, async (inputs, given) => {
        const masks = names.filter((input) => subject.inputs[input]!.kind === 'mask');
        const ones = masks.map((mask) => [mask, (inputs[mask] as Matrix).map((row) => row.map(() => 1))]);
        const full: Arrays = { ...inputs, ...Object.fromEntries(ones) };
        const array = full[name]!;
        const poisoned = isMatrix(array)
          ? array.map((row, i) => row.map((x, t) => (i + t === 0 ? Number.NaN : x)))
          : array.map((x, i) => (i === 0 ? Number.NaN : x));
        expect((await run({ ...full, [name]: poisoned }, given)).some(Number.isNaN)).toBe(true);
      }),
      { numRuns: cases(20) },
    ),
  );

  test('edge: no rows, and rows of no columns', async () => {
    const empty = (columns: number) => () => [
      subject.compute(
        Object.fromEntries(
          names.map((name) => [
            name,
            toTensor([], name, subject.inputs[name]!.shape.includes(' ') ? columns : undefined),
          ]),
        ),
        {},
      ),
    ];
    for (const columns of [0, 3]) expect(flat(await readAll(empty(columns)))).toEqual([]);
  });

  test('law: only what carries gradient receives any', async () => {
    const inputs = oneOf(inputsOf(subject.inputs, 1), 6);
    for (const name of numeric.filter((input) => !subject.carries?.includes(input))) {
      const gradients = await readAll(() => {
        const tensors = toTensors(inputs);
        // The input itself is added: a tape that does not reach it would be an error.
        const sum = (x: Tensor): Tensor => tf.add(tf.sum(subject.compute({ ...tensors, [name]: x }, {})), tf.sum(x));
        return [tf.grad(sum)(tensors[name]!)];
      });
      expect(gradients[0]!.every((g) => g === 1)).toBe(true);
    }
  });

  test('memory: calls over and over, and calls that throw, leave no tensor behind', () => {
    const [inputs, given] = oneOf(fc.tuple(inputsOf(subject.inputs, 1), options), 5);
    const tensors = toTensors(inputs);
    const gone = tf.zeros(tensors[names[1]!]!.shape);
    gone.dispose();
    const broken = { ...tensors, [names[1]!]: gone };
    subject.compute(tensors, given).dispose();
    const before = tf.memory().numTensors;
    for (let i = 0; i < repeats(1000); i++) {
      subject.compute(tensors, given).dispose();
      expect(() => subject.compute(broken, given)).toThrow();
    }
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(Object.values(tensors));
  });

  refusalMessages({
    name: subject.name,
    inputs: subject.inputs,
    options,
    loss: subject.compute,
    refusals: subject.refusals ?? [],
  });
}
