import { exp, sigmoid, softplus } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `discopopLoss`. */
export interface DiscopopOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** τ, how sharply it goes over from one loss to the other: 0.05 by default. */
  readonly temperature?: number;
}

/**
 * DiscoPOP: a blend of the logistic and the exponential loss, found by a language model.
 *
 * L = mean (1−m)·softplus(−x) + m·e^{−x}, m = σ(x/τ), x = β(Δ_w − Δ_l) (DiscoPOP, 2406.08414, eq. 5).
 * ∂L/∂x = m(1−m)/τ·(e^{−x} − softplus(−x)) − (1−m)σ(−x) − m·e^{−x}.
 *
 * m·e^{−x} is computed as exp(log m − x): for very negative x, e^{−x} alone overflows while the product is 0. (For τ > 1 it is not:
 * the loss itself then grows exponentially.)
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or τ ≤ 0
 * @example
 * ```ts
 * import { discopopLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * discopopLoss(pairs).dataSync()[0]!.toFixed(6); // => '0.814763'
 * ```
 */
export const discopopLoss: Loss<PairInputs, DiscopopOptions> = pairLoss(
  {
    name: 'discopopLoss',
    source: 'DiscoPOP, 2406.08414, eq. 5',
    options: { beta: is.beta(), temperature: is.positive(0.05, 'it is the width of the blend', 'tau') },
    golden: ['dpo.discopop'],
  },
  ({ margin }, { beta, temperature }) => {
    const x = margin.times(beta);
    const gate = x.over(temperature);
    const exponential = exp(x.negated().minus(softplus(gate.negated())));
    return sigmoid(gate.negated()).times(softplus(x.negated())).plus(exponential);
  },
);
