import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { adamw } from '../optimizers/adamw.ts';
import { clipByGlobalNorm } from '../optimizers/clip-by-global-norm.ts';
import { chain } from '../optimizers/optimizer.ts';
import { sgd } from '../optimizers/sgd.ts';
import { type Rows, rowsBatch, slice, squaredErrors, startWeights, valuesOf } from '../test-support/least-squares.ts';
import type { Params } from '../types.ts';
import { isDivergenceError } from './divergence-error.ts';
import { initialTrainState } from './initial-train-state.ts';
import { train } from './train.ts';
import { trainStep } from './train-step.ts';

describe('trainStep', () => {
  it('descends, and names its numbers as TRL does', async () => {
    const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: 0.05 }));
    const step = trainStep<Rows>((params, batch) => tf.div(squaredErrors(params, batch), 8), optimizer);
    let result = await step(initialTrainState(startWeights(), optimizer), rowsBatch(1, 8));
    const first = result.report.loss;
    for (let i = 0; i < 50; i++) result = await step(result.state, rowsBatch(1, 8));
    expect(result.report.loss).toBeLessThan(first / 2);
    expect(result.report).toMatchObject({ step: 51, learning_rate: 0.05 });
    expect(result.report.grad_norm).toBeGreaterThan(0);
  });

  it('accumulated micro-batches make the update of the big batch', async () => {
    const optimizer = sgd({ learningRate: 0.01 });
    const step = trainStep<Rows>(
      (params, batch, { normalizer }) => tf.div(squaredErrors(params, batch), normalizer!),
      optimizer,
      { count: (batch) => batch.x.shape[0]! },
    );
    const big = rowsBatch(3, 6);
    const whole = await step(initialTrainState(startWeights(), optimizer), big);
    // Uneven parts: a mean of means would differ.
    const parts = await step(initialTrainState(startWeights(), optimizer), [
      slice(big, 0, 1),
      slice(big, 1, 3),
      slice(big, 3, 6),
    ]);
    expect(parts.report.loss).toBeCloseTo(whole.report.loss, 5);
    expect(parts.report.grad_norm).toBeCloseTo(whole.report.grad_norm!, 5);
    const [a, b] = [await valuesOf(whole.state.params), await valuesOf(parts.state.params)];
    for (const name of ['w', 'b'])
      for (const [i, value] of a[name]!.entries()) expect(b[name]![i]).toBeCloseTo(value, 6);
  });

  it('refuses a window whose normalizer nobody counted', async () => {
    const optimizer = sgd({ learningRate: 0.01 });
    const step = trainStep<Rows>(squaredErrors, optimizer);
    await expect(
      step(initialTrainState(startWeights(), optimizer), [rowsBatch(1, 1), rowsBatch(2, 1)]),
    ).rejects.toThrow('trainStep: options.count is needed to accumulate 2 micro-batches');
  });

  it('stops before the update when the loss is NaN, with step, rows and the state from before', async () => {
    const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: 0.05 }));
    const step = trainStep<Rows>(squaredErrors, optimizer);
    const { state } = await step(initialTrainState(startWeights(), optimizer), rowsBatch(1, 4));
    const before = await valuesOf(state.params);
    const bad = rowsBatch(2, 4);
    bad.x.data[5] = Number.NaN;
    const tensors = tf.memory().numTensors;
    const error = await step(state, bad).catch((caught: unknown) => caught);
    expect(isDivergenceError(error)).toBe(true);
    if (!isDivergenceError(error)) return;
    expect(error.message).toContain('diverged at step 1 on rows 20, 21, 22, 23: loss NaN');
    expect(error.batchIds).toHaveLength(4);
    expect(Object.keys(error)).not.toContain('state');
    expect(await valuesOf(error.state.params)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    await expect(step(error.state, rowsBatch(1, 4))).resolves.toMatchObject({ report: { step: 2 } });
  });

  it('leaks nothing and consumes nothing when the loss throws, in the middle of a window too', async () => {
    const optimizer = sgd({ learningRate: 0.01 });
    const failing = (params: Params, batch: { x: tf.Tensor; y: tf.Tensor; rows: readonly number[] }) => {
      if (batch.rows[0] === 20) throw new TypeError('no such row');
      return { loss: squaredErrors(params, batch), metric: tf.scalar(1) };
    };
    const step = trainStep<Rows>(failing, optimizer, { count: (batch) => batch.x.shape[0]! });
    const state = initialTrainState(startWeights(), optimizer);
    const before = tf.memory().numTensors;
    await expect(step(state, [rowsBatch(1, 2), rowsBatch(2, 2)])).rejects.toThrow(new TypeError('no such row'));
    expect(tf.memory().numTensors).toBe(before);
    await expect(step(state, rowsBatch(1, 2))).resolves.toMatchObject({ report: { step: 1 } });
  });

  it('stops on a gradient that explodes', async () => {
    const optimizer = sgd({ learningRate: 0.01 });
    const step = trainStep<Rows>(squaredErrors, optimizer, { explodeAbove: 1e-3 });
    await expect(step(initialTrainState(startWeights(), optimizer), rowsBatch(1, 4))).rejects.toThrow(
      'the update was not applied',
    );
  });

  it('leaves a parameter alone that the loss does not reach, or that is not trainable', async () => {
    const optimizer = adamw({ learningRate: 0.05, weightDecay: 0.5 });
    const params = () => ({ ...startWeights(), unused: tf.tensor1d([7]) });
    const reach = trainStep<Rows>(squaredErrors, optimizer);
    const { state } = await reach(initialTrainState(params(), optimizer), rowsBatch(1, 4));
    expect((await valuesOf(state.params)).unused).toEqual([7]);
    const frozen = trainStep<Rows>(squaredErrors, optimizer, { trainable: (name) => name !== 'b' });
    const { state: after } = await frozen(initialTrainState(params(), optimizer), rowsBatch(1, 4));
    expect((await valuesOf(after.params)).b).toEqual([Math.fround(0.1)]);
    expect((await valuesOf(after.params)).w).not.toEqual([0.5, -0.25, 1]);
  });

  it('passes metrics on, weighted by what each micro-batch counts', async () => {
    const optimizer = sgd({ learningRate: 0.01 });
    const step = trainStep<Rows>(
      (params, batch) => ({
        loss: squaredErrors(params, batch),
        rows: batch.x.shape[0],
        'x/first': tf.slice(batch.x, [0, 0], [1, 1]),
      }),
      optimizer,
      { count: (batch) => batch.x.shape[0]! },
    );
    const [one, three] = [rowsBatch(1, 1), rowsBatch(2, 3)];
    const { report } = await step(initialTrainState(startWeights(), optimizer), [one, three]);
    expect(report.rows).toBe(0.25 * 1 + 0.75 * 3);
    expect(report['x/first']).toBeCloseTo(0.25 * one.x.data[0]! + 0.75 * three.x.data[0]!, 6);
  });

  it('leaks nothing over 1,000 steps', async () => {
    const optimizer = chain(clipByGlobalNorm(0.1), adamw({ learningRate: 1e-3 }));
    const step = trainStep<Rows>(
      (params, batch, { normalizer }) => ({
        loss: tf.div(squaredErrors(params, batch), normalizer!),
        half: tf.scalar(0.5),
      }),
      optimizer,
      { count: (batch) => batch.x.shape[0]! },
    );
    const windows = Array.from({ length: 1000 }, (_, i) =>
      i % 2 ? [rowsBatch(i, 2), rowsBatch(i + 1, 3)] : rowsBatch(i, 4),
    );
    const counts: number[] = [];
    for await (const { report } of train(initialTrainState(startWeights(), optimizer), windows, step))
      counts.push(report['memory/tensors']!);
    expect(counts).toHaveLength(1000);
    expect(new Set(counts).size).toBe(1);
  });
});
