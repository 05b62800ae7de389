import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { sequenceLogps } from './sequence-logps.ts';

onBackend('sequenceLogps', () => {
  test('sums over the mask; masked NaN has no effect; an empty row is 0', () => {
    const logps = tf.tensor2d([
      [Number.NaN, -1, -2],
      [-4, -8, -16],
      [-1, -1, -1],
    ]);
    const mask = tf.tensor2d([
      [0, 1, 1],
      [1, 0, 1],
      [0, 0, 0],
    ]);
    expect(sequenceLogps(logps, mask).arraySync()).toEqual([-3, -20, 0]);
    const gradient = tf.grad((x) => tf.sum(tf.mul(tf.tensor1d([1, 2, 3]), sequenceLogps(x, mask))))(logps);
    expect(gradient.arraySync()).toEqual([
      [0, 1, 1],
      [2, 0, 2],
      [0, 0, 0],
    ]);
  });

  test('errors: shapes', () => {
    expect(() => sequenceLogps(tf.zeros([2, 3]), tf.zeros([2]))).toThrow(
      'sequenceLogps: mask must be [B, T] = [2, 3] as in logps, got [2]',
    );
  });
});
