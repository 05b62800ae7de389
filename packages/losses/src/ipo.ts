import type { Scalar } from '@svo/tensor';
import { assertBeta } from './check.ts';
import { marginLoss, type PairInputs, type PairOptions } from './pair-loss.ts';

/** Options of `ipoLoss`. */
export interface IpoOptions extends PairOptions {
  /** β (τ in the paper), 0.1 by default: the target margin is 1/(2β) nats. */
  readonly beta?: number;
}

/**
 * Identity Preference Optimization: a square around a finite target margin.
 *
 * L = mean (h − 1/(2β))², h = Δ_w − Δ_l (IPO, 2310.12036, eq. 17). ∂L/∂log π_θ(y_w) = 2(h − 1/(2β))/B.
 *
 * Log-probs are *sums* over tokens here, as in the paper and in DPO's public code. TRL's reading is the mean per token on
 * each side: divide the four inputs by their lengths first.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { ipoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * ipoLoss(pairs).dataSync()[0].toFixed(6); // => '9.000000'
 * ```
 */
export function ipoLoss(inputs: PairInputs, options: IpoOptions = {}): Scalar {
  const { beta = 0.1 } = options;
  assertBeta('ipoLoss', beta);
  return marginLoss('ipoLoss', inputs, options, (math, margin) => {
    const residual = math.sub(margin, 1 / (2 * beta));
    return { losses: math.square(residual), slope: () => math.mul(2, residual) };
  });
}
