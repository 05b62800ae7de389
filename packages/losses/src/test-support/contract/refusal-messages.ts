import { ShapeError, type Tensor, tf } from '@svo/tensor';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { InputSpecs } from '../../manifest/manifest.ts';
import { inputsOf, oneOf } from '../cases/arbitraries.ts';
import { toTensor, toTensors } from '../cases/arrays.ts';
import type { Options } from '../cases/loss-case.ts';
import { notPositive, type Refusal } from './refusals.ts';

const errors = { RangeError, ShapeError };

/** A function of named tensors and options: a loss, or an operation beneath. */
interface Refusing {
  readonly name: string;
  readonly inputs: InputSpecs;
  readonly options: fc.Arbitrary<Options>;
  readonly loss: (inputs: Record<string, Tensor>, options: Options) => unknown;
  readonly refusals: readonly Refusal[];
  /** Where it has a `normalizer` option. */
  readonly normalizer?: unknown;
}

/** Everything it refuses, by the whole message: function, argument, expected, got. */
export function refusalMessages(subject: Refusing): void {
  const [drawn, options] = oneOf(fc.tuple(inputsOf(subject.inputs, 1), subject.options), 2);
  const names = Object.keys(subject.inputs);
  const made: Tensor[] = [];
  const tensors = (): Record<string, Tensor> => {
    const fresh = toTensors(drawn);
    made.push(...Object.values(fresh));
    return fresh;
  };
  afterAll(() => tf.dispose(made));
  const expectError = (call: () => unknown, error: 'RangeError' | 'ShapeError', message: string): void => {
    let caught: unknown;
    try {
      call();
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBeInstanceOf(errors[error]);
    expect((caught as Error).message).toBe(`${subject.name}: ${message}`);
  };

  /** `[B, T] = [2, 3] as in policyLogps`: bound by the first other input that has the dimension. */
  const wanted = (name: string): string => {
    const dimensions = subject.inputs[name]!.shape.split(' ');
    const binders = dimensions.map((dimension) =>
      names.find((other) => other !== name && subject.inputs[other]!.shape.split(' ').includes(dimension)),
    );
    const earlier = binders.every((binder) => binder !== undefined && names.indexOf(binder) < names.indexOf(name));
    const symbols = `[${dimensions.join(', ')}]`;
    if (!earlier) return symbols;
    const sizes = dimensions.map((dimension, axis) => {
      const binder = binders[axis] as string;
      return toShape(drawn[binder]!)[subject.inputs[binder]!.shape.split(' ').indexOf(dimension)];
    });
    return `${symbols} = [${sizes.join(', ')}] as in ${[...new Set(binders)].join(', ')}`;
  };

  test('errors: a wrong rank', () => {
    for (const name of names) {
      const wrong = tf.zeros([2, 3, 4]);
      made.push(wrong);
      const call = () => subject.loss({ ...tensors(), [name]: wrong }, options);
      expectError(call, 'ShapeError', `${name} must be ${wanted(name)}, got [2, 3, 4]`);
    }
  });

  test('errors: shapes that disagree', () => {
    for (const name of names.filter((candidate) => wanted(candidate).includes('='))) {
      const shape = toShape(drawn[name]!).map((size) => size + 1);
      const wrong = tf.zeros(shape);
      made.push(wrong);
      const call = () => subject.loss({ ...tensors(), [name]: wrong }, options);
      expectError(call, 'ShapeError', `${name} must be ${wanted(name)}, got [${shape.join(', ')}]`);
    }
  });

  test('errors: an input left out', () => {
    for (const name of names.filter((candidate) => !subject.inputs[candidate]!.optional)) {
      const shape = subject.inputs[name]!.shape.split(' ').join(', ');
      const call = () => subject.loss({ ...tensors(), [name]: undefined as never }, options);
      expectError(call, 'ShapeError', `${name} must be a tensor of shape [${shape}], got undefined`);
    }
  });

  const normalizer =
    subject.normalizer === undefined
      ? []
      : notPositive('normalizer', 'how many rows or tokens the whole accumulation window holds');
  const all = [...subject.refusals, ...normalizer];
  test.each(all.map((refusal) => [refusal.message, refusal] as const))('errors: %s', (_message, refusal) => {
    const replaced = Object.entries(refusal.inputs ?? {}).map(([name, array]) => {
      const tensor = array === undefined ? undefined : toTensor(array, name);
      if (tensor !== undefined) made.push(tensor);
      return [name, tensor];
    });
    const inputs = { ...tensors(), ...Object.fromEntries(replaced) };
    const call = () => subject.loss(inputs, { ...options, ...refusal.options });
    expectError(call, refusal.error ?? 'RangeError', refusal.message);
  });

  test('errors: every option of the loss has a value it refuses', () => {
    const refused = new Set(all.flatMap((refusal) => Object.keys(refusal.options)));
    const accepted = fc.sample(subject.options, 20).flatMap((drawnOptions) => Object.keys(drawnOptions));
    expect([...new Set(accepted)].filter((option) => !refused.has(option))).toEqual([]);
  });
}

const toShape = (array: readonly unknown[]): number[] =>
  Array.isArray(array[0]) ? [array.length, array[0].length] : [array.length];
