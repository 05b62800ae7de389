import { assertOptions } from '@svo/files';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import { whereValid } from './where-valid.ts';

/**
 * Σ x over the slots where mask > 0; 0 when there is none. A NaN in a valid slot stays.
 *
 * @param x - any shape
 * @param mask - x's shape
 * @throws ShapeError when the shapes differ
 * @example
 * ```ts
 * import { maskedSum, tf } from '@svo/tensor';
 * maskedSum(tf.tensor1d([1, 2, 4]), tf.tensor1d([1, 0, 1])).dataSync()[0]; // => 5
 * ```
 */
export function maskedSum(x: Tensor, mask: Tensor): Scalar {
  return tf.sum(whereValid(mask, x)) as Scalar;
}

/**
 * Mean of x over the slots where mask > 0; 0, not 0/0, when there is none. With `normalizer`, the sum divided by that
 * number instead, so that the parts of a batch add up to the whole.
 *
 * @param x - any shape
 * @param mask - x's shape
 * @throws ShapeError when the shapes differ
 * @example
 * ```ts
 * import { maskedMean, tf } from '@svo/tensor';
 * maskedMean(tf.tensor1d([1, 2, 4]), tf.tensor1d([1, 0, 1])).dataSync()[0]; // => 2.5
 * ```
 */
export function maskedMean(x: Tensor, mask: Tensor, options: { readonly normalizer?: number } = {}): Scalar {
  assertOptions('maskedMean', options, ['normalizer']);
  const total = maskedSum(x, mask);
  if (options.normalizer !== undefined) return tf.div(total, options.normalizer);
  return tf.div(total, tf.maximum(tf.sum(tf.cast(tf.greater(mask, 0), 'float32')), 1));
}
