import type { StoredMatrix } from '@svo/files';
import { customGradient, type Tensor } from '@svo/tensor';
import { linearTokenLogpsComposite } from '../composite/linear-token-logps.ts';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireIds, requireShape } from '../shapes.ts';
import { isStored } from '../stored/rows.ts';
import { storedTokenLogps } from '../stored/token-logps.ts';

/**
 * `targetLogps(linear(x, weight), targets)` without ever holding the logits: rows go through in blocks, and the
 * backward pass computes each block again. Memory does not grow with N · V; the head's product runs twice. A head that is not
 * trained gets no gradient: none is computed, and no memory of its size is taken.
 *
 * @param x `[N, K]`, the last hidden states of the scored positions only.
 * @param weight `[V, K]`, the language-model head: a tensor, or a matrix that stays as it is stored and gets no gradient.
 * @param targets `[N]` int32, each in 0 … V − 1.
 * @returns `[N]` log-probabilities in nats.
 * @throws ShapeError, TypeError on wrong shapes or float `targets`; RangeError on a target outside the vocabulary (wasm kernel).
 *
 * @example
 * ```ts
 * import { linearTokenLogps } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const logps = linearTokenLogps(tf.tensor2d([[1]]), tf.tensor2d([[0], [Math.log(3)]]), tf.tensor1d([1], 'int32'));
 * logps.dataSync()[0]!.toFixed(4); // => '-0.2877'
 * ```
 */
export function linearTokenLogps(x: Tensor, weight: Tensor | StoredMatrix, targets: Tensor): Tensor {
  requireShape('linearTokenLogps', 'x', x, [-1, -1]);
  requireShape('linearTokenLogps', 'weight', weight, [-1, x.shape[1]!]);
  requireShape('linearTokenLogps', 'targets', targets, [x.shape[0]!]);
  requireIds('linearTokenLogps', 'targets', targets);
  if (isStored(weight)) return storedTokenLogps(x, weight, targets);
  if (!hasKernel('SvoLinearTokenLogps')) return linearTokenLogpsComposite(x, weight, targets);
  return customGradient([x, weight], ([hidden, head], save) => {
    const [logps, logSums] = runKernel('SvoLinearTokenLogps', { x: hidden!, weight: head!, targets });
    save([hidden!, head!, targets, logSums!]);
    return {
      value: logps!,
      gradFunc(dy, saved, [, headWanted]) {
        const [savedX, savedWeight, savedTargets, savedSums] = saved as [Tensor, Tensor, Tensor, Tensor];
        const inputs = { dy, x: savedX, weight: savedWeight, targets: savedTargets, logSums: savedSums };
        return runKernel('SvoLinearTokenLogpsGradient', inputs, { frozen: !headWanted });
      },
    };
  });
}
