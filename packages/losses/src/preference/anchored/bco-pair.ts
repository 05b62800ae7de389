import { softplus, stop, sum } from '../../formula/operations.ts';
import { size, term } from '../../formula/term.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

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
 * bcoPairLoss(pairs).dataSync()[0]!.toFixed(6); // => '1.288793'
 * ```
 */
export const bcoPairLoss: Loss<PairInputs, BcoPairOptions> = pairLoss(
  {
    name: 'bcoPairLoss',
    source: 'BCO, 2404.04656, section 4, without importance weights',
    options: { beta: is.beta(), rewardShift: is.numberOr('batch', 'delta') },
    golden: ['dpo.bco_pair.first_batch'],
  },
  ({ chosen, rejected, batch }, { beta, rewardShift }) => {
    const [a, b] = [chosen.times(beta), rejected.times(beta)];
    const mean = batch.chosen.plus(batch.rejected).times(beta / 2);
    const shift = rewardShift === 'batch' ? stop(sum(mean).over(size('B'))) : term(rewardShift);
    return softplus(shift.minus(a)).plus(softplus(b.minus(shift)));
  },
);
