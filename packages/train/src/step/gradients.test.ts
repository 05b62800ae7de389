import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { lossAndGradients } from './gradients.ts';

describe('lossAndGradients', () => {
  it('gives value, metrics and the gradients there are; the caller owns them all', () => {
    const params = { w: tf.scalar(3), unused: tf.scalar(1) };
    const before = tf.memory().numTensors;
    const { loss, metrics, gradients } = lossAndGradients('trainStep', params, () => {
      const square = tf.square(params.w) as tf.Scalar;
      return { loss: square, same: square, other: tf.scalar(0.5), n: 7 };
    });
    expect([loss.dataSync()[0], gradients.w!.dataSync()[0], Object.keys(gradients)]).toEqual([9, 6, ['w']]);
    expect([(metrics.same as tf.Tensor).dataSync()[0], (metrics.other as tf.Tensor).dataSync()[0], metrics.n]).toEqual([
      9, 0.5, 7,
    ]);
    tf.dispose([loss, gradients.w, metrics.same as tf.Tensor, metrics.other as tf.Tensor]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('frees the metrics when the walk back fails', () => {
    const params = { w: tf.tensor1d([3, 1]) };
    const before = tf.memory().numTensors;
    const failing = () => ({ loss: tf.sum(tf.topk(params.w, 1).values), metric: tf.scalar(1) });
    expect(() => lossAndGradients('trainStep', params, failing)).toThrow('TopK has no gradient');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a metric that is no scalar, by name', () => {
    const params = { w: tf.scalar(3) };
    const failing = () => ({ loss: tf.square(params.w), margins: tf.tensor1d([1, 2]) });
    expect(() => lossAndGradients('trainStep', params, failing)).toThrow(
      'the metric margins must be a number or a scalar, got shape [2]',
    );
  });

  it.each([
    ['undefined', undefined],
    ['number', 0.5],
    ['a record of lss', { lss: 1 }],
    ['a record of loss', { loss: 0.5 }],
    ['a promise (a loss is computed at once)', Promise.resolve(1)],
  ])('refuses what is no loss: %s', (got, result) => {
    expect(() => lossAndGradients('trainStep', { w: tf.scalar(1) }, () => result as never)).toThrow(
      `trainStep: the loss function must return a scalar tensor or { loss, … }, got ${got}`,
    );
  });

  it('refuses a loss that is no scalar', () => {
    const params = { w: tf.tensor1d([3, 1]) };
    expect(() => lossAndGradients('trainStep', params, () => tf.square(params.w))).toThrow(
      'trainStep: the loss must be a scalar, got shape [2]',
    );
  });
});
