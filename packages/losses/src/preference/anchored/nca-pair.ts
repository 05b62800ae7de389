import { softplus } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `ncaPairLoss`. */
export interface NcaPairOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Noise-contrastive alignment for pairs: pulls the chosen side up by itself, not only above the rejected one.
 *
 * L = mean softplus(−a) + ½·softplus(a) + ½·softplus(b), a = βΔ_w, b = βΔ_l (NCA, 2402.05369, section 4.1).
 * ∂L/∂log π_θ(y_w) = β(½σ(a) − σ(−a))/B, ∂L/∂log π_θ(y_l) = ½βσ(b)/B. 2 ln 2 where policy and reference agree.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { ncaPairLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * ncaPairLoss(pairs).dataSync()[0]!.toFixed(6); // => '1.338793'
 * ```
 */
export const ncaPairLoss: Loss<PairInputs, NcaPairOptions> = pairLoss(
  {
    name: 'ncaPairLoss',
    source: 'NCA, 2402.05369, section 4.1',
    options: { beta: is.beta() },
    golden: ['dpo.nca_pair'],
  },
  ({ chosen, rejected }, { beta }) => {
    const [a, b] = [chosen.times(beta), rejected.times(beta)];
    return softplus(a.negated()).plus(softplus(a).plus(softplus(b)).times(0.5));
  },
);
