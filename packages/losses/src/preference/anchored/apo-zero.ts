import { sigmoid } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `apoZeroLoss`. */
export interface ApoZeroOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Anchored preference optimization, zero: chosen up and rejected down, each against the reference.
 *
 * L = mean σ(−a) + σ(b), a = βΔ_w, b = βΔ_l (APO, 2408.06266, eq. 7: 1 − σ(a) + σ(b)).
 * ∂L/∂log π_θ(y_w) = −βσ(a)σ(−a)/B, ∂L/∂log π_θ(y_l) = βσ(b)σ(−b)/B.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { apoZeroLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * apoZeroLoss(pairs).dataSync()[0]!.toFixed(6); // => '0.950042'
 * ```
 */
export const apoZeroLoss: Loss<PairInputs, ApoZeroOptions> = pairLoss(
  { name: 'apoZeroLoss', source: 'APO, 2408.06266, eq. 7', options: { beta: is.beta() }, golden: ['dpo.apo_zero'] },
  ({ chosen, rejected }, { beta }) => sigmoid(chosen.times(-beta)).plus(sigmoid(rejected.times(beta))),
);
