import type { Tensor } from '@svo/tensor';
import { relu, softplus, square, stop, sum } from '../formula/operations.ts';
import { size, term } from '../formula/term.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { type PairInputs, type PairOptions, pairInputs } from './pair-loss.ts';

/** A pair of steps with their values, all [B]. */
export interface SvpoInputs extends PairInputs {
  /** V_φ(s^w) after the chosen step, in (−1, 1); carries gradient (margin term). */
  readonly chosenValues: Tensor;
  /** V_φ(s^l) after the rejected step; carries gradient (margin term). */
  readonly rejectedValues: Tensor;
}

/** Options of `svpoLoss`. */
export interface SvpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** γ, the margin between the two values, in their units: 0.5 by default. From 2 on it cannot be met. */
  readonly margin?: number;
  /** w_m, 0.25 by default. */
  readonly marginWeight?: number;
  /** w_r, 0.001 by default. */
  readonly regularizerWeight?: number;
  /**
   * Which margin is the regulariser's detached target. `'value'` (default): h_θ is drawn to sg[h_φ] and the policy learns.
   * `'policy'`: h_φ is drawn to sg[h_θ] and the value head learns. `'none'`: neither is detached, both learn.
   */
  readonly regularizerTarget?: 'value' | 'policy' | 'none';
}

/**
 * Step-level Value Preference Optimization: DPO on step pairs, a margin on their values, and a tie between the two.
 *
 * h_θ = β(Δ_w − Δ_l), h_φ = V_w − V_l;
 * L = mean −log σ(h_θ) + w_m·max(0, γ − h_φ) + w_r·(h_θ − sg[h_φ])² (SVPO, 2406.10858, eq. 10).
 * ∂L/∂log π_θ(w) = (−βσ(−h_θ) + 2w_rβ(h_θ − h_φ))/B, ∂L/∂V_w = −w_m·1[h_φ < γ]/B; minus these for l.
 *
 * The paper's whole objective adds 5·SFT on the chosen side and 0.25·MSE of the value head: see `paperPresets.svpo`.
 *
 * @throws ShapeError when an input is not [B]; RangeError for β ≤ 0, a negative weight or an unknown target
 * @example
 * ```ts
 * import { svpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const same = tf.tensor1d([-3]);
 * const loss = svpoLoss({
 *   policyChosenLogps: same,
 *   policyRejectedLogps: same,
 *   referenceChosenLogps: same,
 *   referenceRejectedLogps: same,
 *   chosenValues: tf.tensor1d([0]),
 *   rejectedValues: tf.tensor1d([0]),
 * });
 * loss.dataSync()[0]!.toFixed(6); // => '0.818147'
 * ```
 */
export const svpoLoss: Loss<SvpoInputs, SvpoOptions> = defineLoss(
  {
    name: 'svpoLoss',
    family: 'steps',
    source: 'SVPO, 2406.10858, eq. 10',
    inputs: {
      ...pairInputs,
      chosenValues: { shape: 'B', kind: 'values', trained: true },
      rejectedValues: { shape: 'B', kind: 'values', trained: true },
    },
    options: {
      beta: is.beta(),
      margin: is.finite(0.5, 'EulerGamma'),
      marginWeight: is.notNegative(0.25, 'w_m'),
      regularizerWeight: is.notNegative(0.001, 'w_r'),
      regularizerTarget: is.oneOf('value', 'policy', 'none'),
    },
    golden: ['svpo.pair'],
  },
  (x, { beta, margin, marginWeight, regularizerWeight, regularizerTarget, normalizer }) => {
    const chosen = x.policyChosenLogps.minus(x.referenceChosenLogps);
    const rejected = x.policyRejectedLogps.minus(x.referenceRejectedLogps);
    const policyMargin = chosen.minus(rejected).times(beta);
    const valueMargin = x.chosenValues.minus(x.rejectedValues);
    const preference = softplus(policyMargin.negated());
    const separation = relu(term(margin).minus(valueMargin)).times(marginWeight);
    const ofPolicy = regularizerTarget === 'policy' ? stop(policyMargin) : policyMargin;
    const ofValue = regularizerTarget === 'value' ? stop(valueMargin) : valueMargin;
    const tie = square(ofPolicy.minus(ofValue)).times(regularizerWeight);
    return sum(preference.plus(separation).plus(tie)).over(normalizer ?? size('B'));
  },
);
