import { softplus } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairLengths, type PairOptions, perTokenPairLoss } from '../pair-loss.ts';

/** The pair's log-probs and how many tokens each sum runs over. */
export type NormalizedDpoInputs = PairInputs & PairLengths;

/** Options of `normalizedDpoLoss`. */
export interface NormalizedDpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Length-normalised DPO: the margin per token (TRL's `sigmoid_norm`; Tülu 3, 2411.15124).
 *
 * L = mean softplus(−x), x = β(Δ_w/n_w − Δ_l/n_l). ∂L/∂log π_θ(y_w) = −βσ(−x)/(n_w·B), ∂L/∂log π_θ(y_l) = βσ(−x)/(n_l·B).
 * A length below 1 counts as 1, so an empty completion does not divide by 0.
 *
 * @throws ShapeError when an input is not [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { normalizedDpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const loss = normalizedDpoLoss({
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 *   chosenLengths: tf.tensor1d([2]),
 *   rejectedLengths: tf.tensor1d([4]),
 * });
 * loss.dataSync()[0]!.toFixed(6); // => '0.656350'
 * ```
 */
export const normalizedDpoLoss: Loss<NormalizedDpoInputs, NormalizedDpoOptions> = perTokenPairLoss(
  {
    name: 'normalizedDpoLoss',
    source: 'Tülu 3, 2411.15124; sigmoid_norm of TRL',
    options: { beta: is.beta() },
    golden: [],
  },
  ({ margin }, { beta }) => softplus(margin.times(-beta)),
);
