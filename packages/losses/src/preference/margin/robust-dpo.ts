import { softplus } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

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
 * robustDpoLoss(pairs).dataSync()[0]!.toFixed(6); // => '0.573139'
 * ```
 */
export const robustDpoLoss: Loss<PairInputs, RobustDpoOptions> = pairLoss(
  {
    name: 'robustDpoLoss',
    source: 'Provably Robust DPO, 2403.00409, section 3.1',
    options: { beta: is.beta(), labelSmoothing: is.below(0.1, [0, 0.5], 'epsilonSymbol') },
    golden: ['dpo.robust.eps0.1', 'dpo.robust.eps0.3'],
  },
  ({ margin }, { beta, labelSmoothing }) => {
    const x = margin.times(beta);
    return softplus(x.negated()).minus(x.times(labelSmoothing / (1 - 2 * labelSmoothing)));
  },
);
