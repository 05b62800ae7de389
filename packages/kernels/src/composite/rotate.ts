import { type Tensor, tf } from '@svo/tensor';

/**
 * Rotary position embedding, half-split as in Hugging Face's Llama: (a, b) → (a cos − b sin, b cos + a sin),
 * a and b the first and second half of the last axis.
 * `x` [G, T, hd]; `cos`, `sin` broadcast against [G, T, hd/2].
 */
export function rotate(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const [a, b] = tf.split(x, 2, -1) as [Tensor, Tensor];
  return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))], -1);
}
