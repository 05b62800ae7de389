import { type Tensor, tf, valueAndGrads } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix, Vector } from '../../reference/index.ts';
import { inputsOf, oneOf } from '../cases/arbitraries.ts';
import { type Arrays, evaluateLoss, evaluateTensors, toTensor, toTensors } from '../cases/arrays.ts';
import type { LossCase, Options } from '../cases/loss-case.ts';
import { repeats } from '../running/backend.ts';
import { hasColumns, takeRows, trainedInputs } from './facts.ts';
import { expectNothing } from './invariance.ts';

/** Batches with nothing in them, and tensors left behind. */
export function edges(subject: LossCase): void {
  const trained = trainedInputs(subject);
  const [drawn, options] = oneOf(fc.tuple(inputsOf(subject.inputs, 1), subject.options), 1);
  const loss = (tensors: Record<string, Tensor>, also: Options = {}) => subject.loss(tensors, { ...options, ...also });

  test('edge: a batch of no rows, and rows of no columns, are 0', async () => {
    const none = (array: Vector | Matrix, name: string, columns: number): Tensor =>
      toTensor(array, name, hasColumns(subject, name) ? columns : undefined);
    const rowless = takeRows(subject, drawn, 0, 0);
    const make = (inputs: Arrays, columns: number) => () =>
      Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, none(array, name, columns)]));
    await expectNothing(evaluateTensors(loss, make(rowless, 3), trained));
    await expectNothing(evaluateTensors(loss, make(rowless, 0), trained));
    if (!('mask' in subject.inputs)) return;
    const narrow = Object.fromEntries(
      Object.entries(drawn).map(([name, array]) => [name, hasColumns(subject, name) ? array.map(() => []) : array]),
    ) as Arrays;
    await expectNothing(evaluateTensors(loss, make(narrow, 0), trained));
  });

  test('memory: calls over and over, forward and backward, leave no tensor behind', async () => {
    const tensors = toTensors(drawn);
    const params = Object.fromEntries(trained.map((name) => [name, tensors[name]!]));
    // The first call may keep constants for all that follow.
    await evaluateLoss(loss, drawn, trained);
    const before = tf.memory().numTensors;
    for (let i = 0; i < repeats(1000); i++) {
      loss(tensors).dispose();
      const { value, gradients } = valueAndGrads((live) => loss({ ...tensors, ...live }), params);
      tf.dispose([value, ...Object.values(gradients)]);
    }
    expect(tf.memory().numTensors, 'tensors alive after the calls').toBe(before);
    tf.dispose(Object.values(tensors));
  });

  test('memory: nor does a call that throws, before it starts or midway', () => {
    const tensors = toTensors(drawn);
    const second = Object.keys(tensors)[1]!;
    const gone = tf.zeros(tensors[second]!.shape);
    gone.dispose();
    const params = { [trained[0]!]: tensors[trained[0]!]! };
    const calls = [
      { ...tensors, [second]: gone },
      { ...tensors, [second]: undefined as never },
    ].flatMap((broken) => [
      () => loss(broken),
      () => valueAndGrads((live) => loss({ ...broken, ...live }), params),
      () => loss(tensors, { normalizer: -1 }),
    ]);
    const before = tf.memory().numTensors;
    for (let i = 0; i < repeats(200); i++) for (const call of calls) expect(call).toThrow();
    expect(tf.memory().numTensors, 'tensors alive after the calls').toBe(before);
    tf.dispose(Object.values(tensors));
  });
}
