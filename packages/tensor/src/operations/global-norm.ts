import { type Scalar, type Tensor, tf } from '../tf.ts';

/**
 * √Σ‖x‖² over all the tensors: the length of the gradient seen as one vector. 0 for none.
 *
 * @param tensors - named tensors of any shapes
 * @example
 * ```ts
 * import { globalNorm, tf } from '@svo/tensor';
 * globalNorm({ a: tf.tensor1d([3]), b: tf.tensor2d([[0, 4]]) }).dataSync()[0]; // => 5
 * ```
 */
export function globalNorm(tensors: Readonly<Record<string, Tensor>>): Scalar {
  return tf.tidy(() => {
    // A product of each tensor with itself: one kernel without a temporary, and its blocked sums are the more exact ones.
    const squares = Object.values(tensors).map((tensor) => {
      const row = tf.reshape(tensor, [1, tensor.size]);
      return tf.matMul(row, row, false, true);
    });
    return squares.length === 0 ? tf.scalar(0) : (tf.reshape(tf.sqrt(tf.addN(squares)), []) as Scalar);
  });
}
