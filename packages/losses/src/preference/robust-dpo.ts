import { negate, type Scalar } from '@svo/tensor';
import { assertBelow, assertBeta } from '../shared/check.ts';
import { marginLoss, type PairInputs, type PairOptions } from './pair-loss.ts';

/** Options of `robustDpoLoss`. */
export interface RobustDpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** ε, the chance that a label is flipped: 0.1 by default. */
  readonly labelSmoothing?: number;
}

/**
 * Robust DPO: an unbiased estimate of the DPO loss under labels flipped with probability ε.
 *
 * L = mean softplus(−x) − ε/(1−2ε)·x, x = β(Δ_w − Δ_l) (Provably Robust DPO, 2403.00409, section 3.1; one softplus instead of
 * the two-term form, so nothing cancels). ∂L/∂log π_θ(y_w) = −β(σ(−x) + ε/(1−2ε))/B. Can be negative, and that is no fault.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or ε outside [0, ½)
 * @example
 * ```ts
 * import { robustDpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * robustDpoLoss(pairs).dataSync()[0].toFixed(6); // => '0.573139'
 * ```
 */
export function robustDpoLoss(inputs: PairInputs, options: RobustDpoOptions = {}): Scalar {
  const { beta = 0.1, labelSmoothing = 0.1 } = options;
  assertBeta('robustDpoLoss', beta);
  assertBelow('robustDpoLoss', 'labelSmoothing', labelSmoothing, [0, 0.5]);
  return marginLoss('robustDpoLoss', inputs, options, (math, margin) => {
    const x = math.mul(beta, margin);
    const odds = labelSmoothing / (1 - 2 * labelSmoothing);
    const losses = math.sub(math.softplus(negate(math, x)), math.mul(odds, x));
    const slope = () => math.mul(-beta, math.add(math.sigmoid(negate(math, x)), odds));
    return { losses, slope };
  });
}
