import type { Tensor } from '@svo/tensor';
import { atMost, difference, exp, positive, rowSum, select } from '../formula/operations.ts';
import { as } from '../formula/term.ts';
import { defineOperation } from '../manifest/define-operation.ts';
import * as is from '../manifest/options.ts';

/** What `truncatedWeights` takes, all [B, T]. */
export interface TruncatedWeightsInputs {
  /** log-prob of each token by the engine that trains, under the weights that drew it; nats. */
  readonly policyLogps: Tensor;
  /** The same by the engine that drew it: what a server returned with the response. */
  readonly behaviorLogps: Tensor;
  /** 1 on the response's tokens. */
  readonly mask: Tensor;
}

/** Options of `truncatedWeights`. */
export interface TruncatedWeightsOptions {
  /** C, the largest weight: 2. */
  readonly cap?: number;
  /** One weight a token (default), or one a response, the product of its tokens'. */
  readonly level?: 'token' | 'response';
  /** What becomes of weights above C: they are C (`'truncate'`, default), or 0 (`'drop'`: what differs so much is not trained on). */
  readonly beyond?: 'truncate' | 'drop';
}

/**
 * Importance weights for a draw by one engine that is trained in another: w = min(C, π_train/π_draw), without gradient (TIS, Yao et al. 2025,
 * “Your Efficient RL Framework Secretly Brings You Off-Policy RL Training”; `'drop'` is the masked form). They go into `tokenWeights` of the policy gradients.
 * 1 where the engines agree, as they should: how far they are apart is `kl/behavior` of `policyGradientMetrics`.
 *
 * @returns [B, T], in [0, C]; 1 in masked slots at token level, the row's weight at response level
 * @throws ShapeError when an input is not [B, T]; RangeError for a cap ≤ 0 or an unknown word
 * @example
 * ```ts
 * import { truncatedWeights } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), behaviorLogps: row(-4, -2), mask: row(1, 1) };
 * truncatedWeights(inputs).dataSync(); // => [2, 1]
 * ```
 */
export function truncatedWeights(inputs: TruncatedWeightsInputs, options: TruncatedWeightsOptions = {}): Tensor {
  return weights(inputs, options);
}

const weights = defineOperation<TruncatedWeightsInputs, TruncatedWeightsOptions>(
  {
    name: 'truncatedWeights',
    inputs: {
      policyLogps: { shape: 'B T', kind: 'logps' },
      behaviorLogps: { shape: 'B T', kind: 'logps' },
      mask: { shape: 'B T', kind: 'mask' },
    },
    options: {
      cap: is.positive(2, 'it is the largest weight'),
      level: is.oneOf('token', 'response'),
      beyond: is.oneOf('truncate', 'drop'),
    },
  },
  (x, { cap, level, beyond }) => {
    const each = difference(x.mask, x.policyLogps, x.behaviorLogps);
    const logWeight = level === 'token' ? each : as(rowSum(each), each.shape);
    const truncated = exp(atMost(logWeight, Math.log(cap)));
    return beyond === 'truncate' ? truncated : select(positive(logWeight.minus(Math.log(cap))), 0, truncated);
  },
);
