import { type Tensor, tf } from '@svo/tensor';

/** x / √(mean(x²) + ε) · weight over the last axis of `x` [N, D]: plain tfjs, on every backend. */
export function rmsNormComposite(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
  return tf.mul(tf.mul(x, inverse), weight);
}
