import { softplus, square } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `calDpoLoss`. */
export interface CalDpoOptions extends PairOptions {
  /** β, 0.1 by default: rewards of ±½ stand for log-ratios of ±1/(2β). The margin is not multiplied by it. */
  readonly beta?: number;
  /** λ, what the squares count: 1 by default; the authors' code has ½. At 0 it is `dpoLoss` with β = 1. */
  readonly calibration?: number;
}

/**
 * Calibrated DPO: each side's log-ratio is held at a number, so that the chosen one does not fall while the margin grows.
 *
 * L = mean softplus(−(Δ_w − Δ_l)) + λ(Δ_w − 1/(2β))² + λ(Δ_l + 1/(2β))² (Cal-DPO, 2412.14516).
 * ∂L/∂log π_θ(y_w) = (2λ(Δ_w − 1/(2β)) − σ(Δ_l − Δ_w))/B, ∂L/∂log π_θ(y_l) = (2λ(Δ_l + 1/(2β)) + σ(Δ_l − Δ_w))/B.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or λ < 0
 * @example
 * ```ts
 * import { calDpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * calDpoLoss(pairs).dataSync()[0]!.toFixed(4); // => '32.1269'
 * ```
 */
export const calDpoLoss: Loss<PairInputs, CalDpoOptions> = pairLoss(
  {
    name: 'calDpoLoss',
    source: 'Cal-DPO, 2412.14516',
    options: { beta: is.beta(), calibration: is.notNegative(1, 'lambda') },
    golden: ['dpo.cal_dpo'],
  },
  ({ chosen, rejected, margin }, { beta, calibration }) => {
    const target = 1 / (2 * beta);
    const apart = square(chosen.minus(target)).plus(square(rejected.plus(target)));
    return softplus(margin.negated()).plus(apart.times(calibration));
  },
);
