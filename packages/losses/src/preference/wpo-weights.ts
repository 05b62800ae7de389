import { assertShapes, stopGradient, type Tensor, tf } from '@svo/tensor';
import { difference, exp, rowCount, rowSum } from '../formula/operations.ts';
import { defineOperation } from '../manifest/define-operation.ts';
import { atLeastOne } from '../shared/counts.ts';

/** What `wpoWeights` takes, all [B, T]. */
export interface WpoInputs {
  /** log π_θ of each token. */
  readonly policyLogps: Tensor;
  /** log Σ_j p_j² at each position, from `collisionLogps`. */
  readonly collisionLogps: Tensor;
  /** 1 on the completion's tokens. */
  readonly mask: Tensor;
}

/**
 * log Σ_j p_j² of the distribution at every position: how likely two draws from it agree, the largest a token's aligned weight
 * can be divided by. Computed as logΣe^{2z} − 2 logΣe^{z} (WPO, 2406.11827). No gradient.
 *
 * @param logits - z [B, T, V]
 * @returns [B, T], nats, in [−log V, 0]
 * @throws ShapeError when the logits are not [B, T, V]
 * @example
 * ```ts
 * import { collisionLogps } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * collisionLogps(tf.zeros([1, 1, 4])).dataSync()[0]!.toFixed(6); // => '-1.386294'
 * ```
 */
export function collisionLogps(logits: Tensor): Tensor {
  assertShapes('collisionLogps', { logits: [logits, 'B T V'] });
  return tf.tidy(() => {
    const data = stopGradient(logits);
    // Both sums are of logits below their largest: at logits of 500 the difference would lose four digits.
    const z = tf.sub(data, tf.max(data, -1, true));
    return tf.sub(tf.logSumExp(tf.mul(z, 2), -1), tf.mul(2, tf.logSumExp(z, -1)));
  });
}

/**
 * WPO's weight of a completion: how likely the policy itself would have written it, against how sure it is at each token.
 *
 * w = exp(mean_t (log π_θ(y_t) − log Σ_j p_{t,j}²)) over valid tokens; 1 for an empty completion (WPO, 2406.11827, eq. 2, aligned
 * weights). No gradient. A pair's factor is the product of both sides' weights: `pairWeights: tf.mul(chosen, rejected)`.
 *
 * @returns w [B], > 0; above 1 where tokens are likelier than a draw of the policy would be
 * @throws ShapeError when shapes differ
 * @example
 * ```ts
 * import { wpoWeights } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const policyLogps = tf.tensor2d([[-1, -3]]);
 * const collisionLogps = tf.tensor2d([[-1, -1]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * wpoWeights({ policyLogps, collisionLogps, mask }).dataSync()[0]!.toFixed(6); // => '0.367879'
 * ```
 */
export function wpoWeights(inputs: WpoInputs): Tensor {
  return aligned(inputs);
}

const aligned = defineOperation<WpoInputs, object>(
  {
    name: 'wpoWeights',
    inputs: {
      policyLogps: { shape: 'B T', kind: 'logps' },
      collisionLogps: { shape: 'B T', kind: 'logps' },
      mask: { shape: 'B T', kind: 'mask' },
    },
    options: {},
  },
  (x) => exp(rowSum(difference(x.mask, x.policyLogps, x.collisionLogps)).over(atLeastOne(rowCount(x.mask)))),
);
