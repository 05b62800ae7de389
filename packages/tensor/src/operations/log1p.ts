import { type Tensor, tf } from '../tf.ts';

/**
 * log(1 + x) for x ≥ 0 to float32's accuracy: with u = 1 + x as rounded, log(u)·x/(u − 1), which gives back what rounding 1 + x
 * lost. tfjs's own `log1p` is log(1 + x) on some backends, and 0 for x below 6e-8.
 */
export function accurateLog1p(x: Tensor): Tensor {
  const u = tf.add(x, 1);
  const excess = tf.sub(u, 1);
  const lost = tf.equal(excess, 0);
  return tf.where(lost, x, tf.mul(tf.log(u), tf.div(x, tf.where(lost, tf.onesLike(x), excess))));
}
