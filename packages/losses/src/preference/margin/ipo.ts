import { ShapeError } from '@svo/tensor';
import { square } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairLengths, type PairOptions, perTokenWhereLengthsAre } from '../pair-loss.ts';

/** The pair's log-probs; with both lengths, log-ratios are means per token. */
export type IpoInputs = PairInputs & Partial<PairLengths>;

/** Options of `ipoLoss`. */
export interface IpoOptions extends PairOptions {
  /** β (τ in the paper), 0.1 by default: the target margin is 1/(2β) nats. */
  readonly beta?: number;
}

/**
 * Identity Preference Optimization: a square around a finite target margin.
 *
 * L = mean (h − 1/(2β))², h = Δ_w − Δ_l (IPO, 2310.12036, eq. 17). ∂L/∂log π_θ(y_w) = 2(h − 1/(2β))/B.
 *
 * Log-probs are *sums* over tokens, as in the paper's text and DPO's public code. Given `chosenLengths` and `rejectedLengths`,
 * h = Δ_w/n_w − Δ_l/n_l, TRL's reading, which the authors confirmed to it: 1/(2β) is then a margin per token.
 *
 * @throws ShapeError when an input is not [B] or only one length is given; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { ipoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * ipoLoss(pairs).dataSync()[0]!.toFixed(6); // => '9.000000'
 * ```
 */
export const ipoLoss: Loss<IpoInputs, IpoOptions> = perTokenWhereLengthsAre(
  {
    name: 'ipoLoss',
    source: 'IPO, 2310.12036, eq. 17',
    options: { beta: is.beta() },
    golden: ['dpo.ipo', 'dpo.ipo.summed'],
  },
  ({ margin }, { beta }) => square(margin.minus(1 / (2 * beta))),
  bothLengths,
);

function bothLengths({ chosenLengths, rejectedLengths }: IpoInputs): void {
  if ((chosenLengths === undefined) === (rejectedLengths === undefined)) return;
  const missing = chosenLengths === undefined ? 'chosenLengths' : 'rejectedLengths';
  throw new ShapeError(`ipoLoss: ${missing} must be a tensor of shape [B], got undefined`);
}
