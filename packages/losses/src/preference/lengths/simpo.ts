import { softplus } from '../../formula/operations.ts';
import { term } from '../../formula/term.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { defaults } from '../../shared/defaults.ts';
import { type PairInputs, type PairLengths, type PairOptions, referenceFreePairLoss } from '../pair-loss.ts';

/** What `simpoLoss` compares: the policy's sums and their lengths; no reference. */
export type SimpoInputs = Pick<PairInputs, 'policyChosenLogps' | 'policyRejectedLogps' | 'pairWeights'> & PairLengths;

/** Options of `simpoLoss`. */
export interface SimpoOptions extends PairOptions {
  /** β, 10 by default, as in the authors' later runs (2 to 2.5 in the paper's first). */
  readonly beta?: number;
  /** γ, the target reward margin in units of the loss: 3 by default, γ/β = 0.3. */
  readonly margin?: number;
}

/**
 * SimPO: mean log-probability per token as the reward, a margin, and no reference model.
 *
 * L = mean softplus(−x), x = β(log π_θ(y_w)/n_w − log π_θ(y_l)/n_l) − γ (SimPO, 2405.14734).
 * ∂L/∂log π_θ(y_w) = −βσ(−x)/(n_w·B), ∂L/∂log π_θ(y_l) = βσ(−x)/(n_l·B). A length below 1 counts as 1.
 *
 * @throws ShapeError when an input is not [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { simpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const loss = simpoLoss({
 *   policyChosenLogps: tf.tensor1d([-2]),
 *   policyRejectedLogps: tf.tensor1d([-4]),
 *   chosenLengths: tf.tensor1d([4]),
 *   rejectedLengths: tf.tensor1d([4]),
 * });
 * loss.dataSync()[0]!.toFixed(6); // => '0.126928'
 * ```
 */
export const simpoLoss: Loss<SimpoInputs, SimpoOptions> = referenceFreePairLoss(
  {
    name: 'simpoLoss',
    source: 'SimPO, 2405.14734',
    options: { beta: is.beta(defaults.lengthBeta), margin: is.finite(defaults.lengthMargin, 'EulerGamma') },
    golden: [],
  },
  ({ margin }, { beta, margin: target }) => softplus(term(target).minus(margin.times(beta))),
);
