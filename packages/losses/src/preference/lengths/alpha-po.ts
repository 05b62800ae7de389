import { expDifference, softplus } from '../../formula/operations.ts';
import { term } from '../../formula/term.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { defaults } from '../../shared/defaults.ts';
import { type PairOptions, referenceFreePairLoss } from '../pair-loss.ts';
import type { SimpoInputs } from './simpo.ts';

/** Options of `alphaPoLoss`. */
export interface AlphaPoOptions extends PairOptions {
  /** β, 10 by default, as in `simpoLoss`. */
  readonly beta?: number;
  /** γ, the target reward margin in units of the loss: 3 by default. */
  readonly margin?: number;
  /** α, the shape of the reward: 0.25 by default. Towards 0 it is the log-probability, and the loss is `simpoLoss`. */
  readonly alpha?: number;
}

/**
 * AlphaPO: SimPO with another shape of reward, which decides how far likelihoods are displaced.
 *
 * L = mean softplus(γ − β(r_w − r_l)), r = (1 − π_θ(y|x)^{−α/n})/α, n the completion's tokens (AlphaPO, 2501.03884; TRL's `alphapo`).
 * ∂L/∂log π_θ(y_w) = −β·σ(γ − β(r_w − r_l))·π_θ(y_w|x)^{−α/n_w}/(n_w·B), and + with y_l's for y_l.
 *
 * @throws ShapeError when an input is not [B]; RangeError for β ≤ 0, or an α or γ that is no number
 * @example
 * ```ts
 * import { alphaPoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const loss = alphaPoLoss({
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   chosenLengths: tf.tensor1d([10]),
 *   rejectedLengths: tf.tensor1d([10]),
 * });
 * loss.dataSync()[0]!.toFixed(6); // => '0.815665'
 * ```
 */
export const alphaPoLoss: Loss<SimpoInputs, AlphaPoOptions> = referenceFreePairLoss(
  {
    name: 'alphaPoLoss',
    source: 'AlphaPO, 2501.03884',
    options: {
      beta: is.beta(defaults.lengthBeta),
      margin: is.finite(defaults.lengthMargin, 'EulerGamma'),
      alpha: is.finite(0.25, 'alpha'),
    },
    golden: [],
  },
  ({ chosen, rejected, margin }, { beta, margin: target, alpha }) => {
    // r_w − r_l, at α = 0 its limit.
    const apart = alpha === 0 ? margin : expDifference(rejected.times(-alpha), chosen.times(-alpha)).over(alpha);
    return softplus(term(target).minus(apart.times(beta)));
  },
);
