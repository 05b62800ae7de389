import { type Tensor, tf } from '@svo/tensor';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireIds, requireShape } from '../shapes.ts';

/**
 * The log-probability of one token a row: logits[n, targets[n]] − log Σᵥ exp(logits[n, v]), in nats.
 *
 * @param logits `[N, V]`.
 * @param targets `[N]` int32, each in 0 … V − 1.
 * @returns `[N]`, each ≤ 0.
 * @throws ShapeError, TypeError on wrong shapes or float `targets`; RangeError on a target outside the vocabulary (wasm kernel).
 *
 * @example
 * ```ts
 * import { targetLogps } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const logps = targetLogps(tf.tensor2d([[0, 0, 0, 0]]), tf.tensor1d([2], 'int32'));
 * logps.dataSync()[0]!.toFixed(4); // => '-1.3863'
 * ```
 */
export function targetLogps(logits: Tensor, targets: Tensor): Tensor {
  requireShape('targetLogps', 'logits', logits, [-1, -1]);
  requireShape('targetLogps', 'targets', targets, [logits.shape[0]!]);
  requireIds('targetLogps', 'targets', targets);
  if (!hasKernel('SvoTokenLogps')) return targetLogpsComposite(logits, targets);
  return tf.customGrad((x, save) => {
    const [logps, logSums] = runKernel('SvoTokenLogps', { logits: x as Tensor, targets });
    (save as tf.GradSaveFunc)([x as Tensor, targets, logSums!]);
    return {
      value: logps!,
      gradFunc: (dy: Tensor, [savedLogits, savedTargets, savedSums]: Tensor[]) =>
        runKernel('SvoTokenLogpsGradient', {
          dy,
          logits: savedLogits!,
          targets: savedTargets!,
          logSums: savedSums!,
        })[0]!,
    };
  })(logits);
}

/** log softmax(logits)[n, targets[n]] for `logits` [N, V]: plain tfjs, on every backend. */
export function targetLogpsComposite(logits: Tensor, targets: Tensor): Tensor {
  const [rows, vocabulary] = logits.shape as [number, number];
  // Picked from the flat array: a one-hot product would turn an impossible token's −∞ · 0 into NaN,
  // and tfjs's gather with batch dimensions corrupts the wasm heap.
  const rowStarts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(vocabulary, 'int32'));
  return tf.gather(tf.reshape(tf.logSoftmax(logits), [-1]), tf.add(rowStarts, targets) as tf.Tensor1D);
}
