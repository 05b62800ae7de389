import { sigmoid, softplus } from '../../formula/operations.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `exoPairLoss`. */
export interface ExoPairOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** ε of the smoothed label, in (0, 1): 0.001 by default. With 0 the loss is infinite. */
  readonly labelSmoothing?: number;
}

/**
 * Efficient Exact Optimization for pairs: the reverse KL between the policy's preference and a smoothed label.
 *
 * L = mean σ(x)(log σ(x) − log(1−ε)) + σ(−x)(log σ(−x) − log ε), x = β(Δ_w − Δ_l) (EXO, 2402.00856, eq. 16 with K = 2).
 * ∂L/∂log π_θ(y_w) = β·σ(x)σ(−x)(x − log((1−ε)/ε))/B. 0 exactly at x = log((1−ε)/ε).
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or ε outside (0, 1)
 * @example
 * ```ts
 * import { exoPairLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * exoPairLoss(pairs).dataSync()[0]!.toFixed(6); // => '2.422015'
 * ```
 */
export const exoPairLoss: Loss<PairInputs, ExoPairOptions> = pairLoss(
  {
    name: 'exoPairLoss',
    source: 'EXO, 2402.00856, eq. 16',
    options: { beta: is.beta(), labelSmoothing: is.between(0.001, [0, 1], 'epsilonSymbol') },
    golden: ['dpo.exo_pair.eps0.1'],
  },
  ({ margin }, { beta, labelSmoothing }) => {
    const x = margin.times(beta);
    const win = softplus(x.negated()).negated().minus(Math.log1p(-labelSmoothing));
    const lose = softplus(x).negated().minus(Math.log(labelSmoothing));
    return sigmoid(x).times(win).plus(sigmoid(x.negated()).times(lose));
  },
);
