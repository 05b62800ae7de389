import type { StoredMatrix } from '@svo/files';
import { type Tensor, tf } from '@svo/tensor';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireIds, requireShape } from '../shapes.ts';
import { storedEmbedding } from '../stored/embedding.ts';
import { isStored } from '../stored/rows.ts';

/**
 * Looks up rows of a table: y[n] = weight[ids[n]]; differentiable in `weight`.
 *
 * @param weight `[V, D]` float32, or a matrix that stays as it is stored and gets no gradient.
 * @param ids `[N]` int32, each in 0 … V − 1.
 * @returns `[N, D]`.
 * @throws ShapeError, TypeError on wrong shapes or a float `ids`; RangeError on an id outside the table (wasm kernel).
 *
 * @example
 * ```ts
 * import { embedding } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const rows = embedding(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor1d([1, 0, 1], 'int32'));
 * Array.from(rows.dataSync()); // => [3, 4, 1, 2, 3, 4]
 * ```
 */
export function embedding(weight: Tensor | StoredMatrix, ids: Tensor): Tensor {
  requireShape('embedding', 'weight', weight, [-1, -1]);
  requireShape('embedding', 'ids', ids, [-1]);
  requireIds('embedding', 'ids', ids);
  if (isStored(weight)) return storedEmbedding(weight, ids);
  if (!hasKernel('SvoEmbedding')) return composite(weight, ids);
  const [vocabulary] = weight.shape as [number];
  return tf.customGrad((table, save) => {
    (save as tf.GradSaveFunc)([ids]);
    return {
      value: runKernel('SvoEmbedding', { weight: table as Tensor, ids })[0]!,
      gradFunc: (dy: Tensor, [savedIds]: Tensor[]) =>
        runKernel('SvoEmbeddingGradient', { dy, ids: savedIds! }, { vocabulary })[0]!,
    };
  })(weight);
}

/** Rows of `weight` [V, D] picked by `ids` [N]: plain tfjs, on every backend. */
function composite(weight: Tensor, ids: Tensor): Tensor {
  return tf.gather(weight, ids as tf.Tensor1D);
}
