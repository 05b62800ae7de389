import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { stopGradient } from './stop-gradient.ts';

onBackend('stopGradient', () => {
  test('the same numbers, no gradient, no copy, no leak', () => {
    const x = tf.tensor1d([2, 3]);
    expect(
      tf
        .grad((input) => tf.sum(tf.mul(input, stopGradient(input))))(x)
        .arraySync(),
    ).toEqual([2, 3]);
    const { numTensors, numDataBuffers } = tf.memory();
    const detached = stopGradient(x);
    expect(detached.arraySync()).toEqual([2, 3]);
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
    detached.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(x.arraySync()).toEqual([2, 3]);
  });

  test('outlives its source', () => {
    const x = tf.tensor1d([5]);
    const detached = stopGradient(x);
    x.dispose();
    expect(detached.arraySync()).toEqual([5]);
  });
});
