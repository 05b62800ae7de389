import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { whereValid } from './where-valid.ts';

onBackend('whereValid', () => {
  test('selects, with a gradient that is 0 where masked, even under NaN', () => {
    const x = tf.tensor1d([2, Number.NaN, 4]);
    const mask = tf.tensor1d([1, 0, 1]);
    expect(whereValid(mask, x).arraySync()).toEqual([2, 0, 4]);
    expect(whereValid(mask, x, -7).arraySync()).toEqual([2, -7, 4]);
    const gradient = tf.grad((input) => tf.sum(tf.square(whereValid(mask, input))))(x);
    expect(gradient.arraySync()).toEqual([4, 0, 8]);
  });

  test('masking afterwards instead would give a NaN gradient: why this exists', () => {
    const x = tf.tensor1d([2, Number.NaN]);
    const mask = tf.tensor1d([1, 0]);
    const afterwards = tf.grad((input) =>
      tf.sum(tf.where(tf.cast(mask, 'bool'), tf.square(input), tf.zerosLike(input))),
    )(x);
    expect(afterwards.dataSync()[1]).toBeNaN();
  });

  test('any rank; errors on shapes', () => {
    expect(whereValid(tf.ones([2, 1, 2]), tf.ones([2, 1, 2])).shape).toEqual([2, 1, 2]);
    expect(() => whereValid(tf.ones([2]), tf.ones([3]))).toThrow('whereValid: mask must be');
  });
});
