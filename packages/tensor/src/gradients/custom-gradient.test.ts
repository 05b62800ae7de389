import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { type Tensor, tf } from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

onBackend('customGradient', () => {
  test('the gradient is the one written, saved tensors are there for it, others used inside receive none', () => {
    const scale = tf.scalar(10);
    const f = (x: Tensor) =>
      tf.sum(
        customGradient([x], ([input], save) => {
          save([tf.add(input, 1)]);
          return { value: tf.mul(input, scale), gradFunc: (dy, [saved]) => [tf.mul(dy, saved!)] };
        }),
      );
    expect(
      tf
        .grad(f)(tf.tensor1d([1, 2]))
        .arraySync(),
    ).toEqual([2, 3]);
    expect(f(tf.tensor1d([1, 2])).dataSync()[0]).toBe(30);
  });
});
