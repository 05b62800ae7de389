import { sigmoid } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `apoDownLoss`. */
export interface ApoDownOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Anchored preference optimization, down: for data where even the chosen completion is worse than the policy's own.
 *
 * L = mean σ(a) + σ(−x), a = βΔ_w, x = β(Δ_w − Δ_l) (APO, 2408.06266, eq. 8: σ(a) + 1 − σ(x)).
 * ∂L/∂log π_θ(y_w) = β(σ(a)σ(−a) − σ(x)σ(−x))/B, ∂L/∂log π_θ(y_l) = βσ(x)σ(−x)/B.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { apoDownLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * apoDownLoss(pairs).dataSync()[0]!.toFixed(6); // => '0.975145'
 * ```
 */
export const apoDownLoss: Loss<PairInputs, ApoDownOptions> = pairLoss(
  { name: 'apoDownLoss', source: 'APO, 2408.06266, eq. 8', options: { beta: is.beta() }, golden: ['dpo.apo_down'] },
  ({ chosen, margin }, { beta }) => sigmoid(chosen.times(beta)).plus(sigmoid(margin.times(-beta))),
);
