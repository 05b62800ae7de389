import { square } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `sppoHardLoss`. */
export interface SppoHardOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Self-play preference optimization with hard labels: a square around ±1/(2β) on each side.
 *
 * L = mean (Δ_w − 1/(2β))² + (Δ_l + 1/(2β))² (SPPO, 2405.00675, eq. 4.7 with P = 1 and 0).
 * ∂L/∂log π_θ(y_w) = 2(Δ_w − 1/(2β))/B, ∂L/∂log π_θ(y_l) = 2(Δ_l + 1/(2β))/B.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { sppoHardLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * sppoHardLoss(pairs).dataSync()[0]!.toFixed(6); // => '32.000000'
 * ```
 */
export const sppoHardLoss: Loss<PairInputs, SppoHardOptions> = pairLoss(
  {
    name: 'sppoHardLoss',
    source: 'SPPO, 2405.00675, eq. 4.7 with P = 1 and 0',
    options: { beta: is.beta() },
    golden: ['dpo.sppo_hard'],
  },
  ({ chosen, rejected }, { beta }) => {
    const target = 1 / (2 * beta);
    return square(chosen.minus(target)).plus(square(rejected.plus(target)));
  },
);
