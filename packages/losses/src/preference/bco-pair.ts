import { negate, type Scalar } from '@svo/tensor';
import { assertBeta, assertFinite } from '../shared/check.ts';
import { type PairInputs, type PairOptions, pairLoss } from './pair-loss.ts';

/** Options of `bcoPairLoss`. */
export interface BcoPairOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /**
   * δ, what rewards are compared with. `'batch'` (default): this batch's mean reward, which is what TRL uses on its first
   * batch. A number: your own running mean, or 0 (TRL since 1.0). Give a number when micro-batches are to add up.
   */
  readonly rewardShift?: number | 'batch';
}

/**
 * Binary classifier optimization on pairs: is a completion's reward above the average one?
 *
 * L = mean softplus(−(a − δ)) + softplus(b − δ), a = βΔ_w, b = βΔ_l, δ without gradient (BCO, 2404.04656, section 4, without
 * importance weights). ∂L/∂log π_θ(y_w) = −βσ(δ − a)/B, ∂L/∂log π_θ(y_l) = βσ(b − δ)/B.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { bcoPairLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * bcoPairLoss(pairs).dataSync()[0].toFixed(6); // => '1.288793'
 * ```
 */
export function bcoPairLoss(inputs: PairInputs, options: BcoPairOptions = {}): Scalar {
  const { beta = 0.1, rewardShift = 'batch' } = options;
  assertBeta('bcoPairLoss', beta);
  if (rewardShift !== 'batch') assertFinite('bcoPairLoss', 'rewardShift', rewardShift);
  return pairLoss('bcoPairLoss', inputs, options, (math, chosen, rejected) => {
    const [a, b] = [math.mul(beta, chosen), math.mul(beta, rejected)];
    const rewards = Math.max(2 * inputs.policyChosenLogps.size, 1);
    const shift = rewardShift === 'batch' ? math.div(math.sum(math.add(a, b)), rewards) : rewardShift;
    const [below, above] = [math.sub(shift, a), math.sub(b, shift)];
    const slopes = () => ({
      chosen: negate(math, math.mul(beta, math.sigmoid(below))),
      rejected: math.mul(beta, math.sigmoid(above)),
    });
    return { losses: math.add(math.softplus(below), math.softplus(above)), slopes };
  });
}
