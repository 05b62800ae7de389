import { expDifference, softplus } from '../../formula/operations.ts';
import type { Term } from '../../formula/term.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type Pair, type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `divergenceDpoLoss`. */
export interface DivergenceDpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** Which divergence from the reference is penalised; `'reverseKl'` (default) is plain DPO. */
  readonly divergence?: 'reverseKl' | 'forwardKl' | 'jensenShannon' | 'alpha';
  /** α of the α-divergence, 0.5 by default: 0 is the reverse KL, 1 the forward KL. TRL since its refactor calls 1 − α what is α here. */
  readonly alpha?: number;
}

/**
 * f-DPO: DPO under another divergence than the reverse KL.
 *
 * L = mean softplus(−x), x = β(u(Δ_w) − u(Δ_l)), the score u = f′(π/π_ref) up to a constant (f-DPO, 2309.16240): reverse KL
 * u = Δ; α-divergence u = (1 − e^{−αΔ})/α; forward KL the same with α = 1; Jensen-Shannon u = log σ(Δ).
 * ∂L/∂log π_θ(y_w) = −β·σ(−x)·u′(Δ_w)/B, and + with u′(Δ_l) for y_l; u′ = 1, e^{−αΔ}, σ(−Δ).
 *
 * Scores of α-divergences grow like e^{|αΔ|}. Their differences and products are taken in log space, so that none becomes NaN;
 * a loss or gradient that float32 cannot hold (|αΔ| above 88) is ±∞. TRL clamps the exponent instead.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0, an unknown divergence or an α that is no number
 * @example
 * ```ts
 * import { divergenceDpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * divergenceDpoLoss(pairs, { divergence: 'jensenShannon' }).dataSync()[0]!.toFixed(6); // => '0.644397'
 * ```
 */
export const divergenceDpoLoss: Loss<PairInputs, DivergenceDpoOptions> = pairLoss(
  {
    name: 'divergenceDpoLoss',
    source: 'f-DPO, 2309.16240',
    options: {
      beta: is.beta(),
      divergence: is.oneOf('reverseKl', 'forwardKl', 'jensenShannon', 'alpha'),
      alpha: is.finite(0.5),
    },
    golden: ['dpo.sigmoid.js'],
  },
  (pair, { beta, divergence, alpha }) => softplus(scoreGap(pair, divergence, alpha).times(-beta)),
);

/** u(Δ_w) − u(Δ_l). */
function scoreGap({ chosen, rejected, margin }: Pair, divergence: string, alpha: number): Term {
  if (divergence === 'jensenShannon') return softplus(rejected.negated()).minus(softplus(chosen.negated()));
  const order = { reverseKl: 0, forwardKl: 1, alpha }[divergence]!;
  return order === 0 ? margin : expDifference(rejected.times(-order), chosen.times(-order)).over(order);
}
