import type { StoredMatrix } from '@svo/files';
import { customGradient, type Tensor, tf } from '@svo/tensor';
import { requireShape } from '../shapes.ts';
import { times, timesTransposed } from '../stored/products.ts';
import { isStored } from '../stored/rows.ts';

/**
 * A linear layer in Hugging Face's layout: y = x Wᵀ + b. The product runs on the backend's matrix multiplication,
 * which `installKernels` replaces by a faster one where it has one.
 *
 * @param x `[N, K]`.
 * @param weight `[M, K]`, a tensor or a matrix that stays as it is stored: such a one is frozen, it gets no gradient.
 * @param bias `[M]`, optional.
 * @returns `[N, M]`.
 * @throws ShapeError on other shapes.
 *
 * @example
 * ```ts
 * import { linear } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const y = linear(tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 0], [1, 1], [0, 3]]), tf.tensor1d([0, 0, 1]));
 * Array.from(y.dataSync()); // => [1, 3, 7]
 * ```
 */
export function linear(x: Tensor, weight: Tensor | StoredMatrix, bias?: Tensor): Tensor {
  requireShape('linear', 'x', x, [-1, -1]);
  requireShape('linear', 'weight', weight, [-1, x.shape[1]!]);
  if (bias !== undefined) requireShape('linear', 'bias', bias, [weight.shape[0]!]);
  const product = isStored(weight) ? storedLinear(x, weight) : tf.matMul(x, weight, false, true);
  return bias === undefined ? product : tf.add(product, bias);
}

/** Nothing is kept for the backward pass: the gradient of x is dy W. */
const storedLinear = (x: Tensor, matrix: StoredMatrix): Tensor =>
  customGradient([x], ([rows]) => ({
    value: timesTransposed(rows!, matrix),
    gradFunc: (dy) => [times(dy, matrix)],
  }));
