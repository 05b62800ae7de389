import { relu } from '../../formula/operations.ts';
import { term } from '../../formula/term.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `hingeLoss`. */
export interface HingeOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Hinge loss on the implicit reward margin (SLiC's loss with a multiplicative margin of 1, as in TRL).
 *
 * L = mean max(0, 1 − x), x = β(Δ_w − Δ_l) (SLiC-HF, 2305.10425, section 2; RSO, 2309.06657).
 * ∂L/∂log π_θ(y_w) = −β·1[x < 1]/B; the subgradient at x = 1 is 0.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { hingeLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * hingeLoss(pairs).dataSync()[0]!.toFixed(6); // => '0.800000'
 * ```
 */
export const hingeLoss: Loss<PairInputs, HingeOptions> = pairLoss(
  {
    name: 'hingeLoss',
    source: 'SLiC-HF, 2305.10425, section 2; RSO, 2309.06657',
    options: { beta: is.beta() },
    golden: ['dpo.hinge'],
  },
  ({ margin }, { beta }) => relu(term(1).minus(margin.times(beta))),
);
