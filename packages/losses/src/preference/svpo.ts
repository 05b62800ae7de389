import { assertShapes, closedForm, negate, type Scalar, type Tensor } from '@svo/tensor';
import { assertBeta, assertFinite, assertNormalizer, assertNotNegative, assertOneOf } from '../shared/check.ts';
import type { PairInputs, PairOptions } from './pair-loss.ts';

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
 * loss.dataSync()[0].toFixed(6); // => '0.818147'
 * ```
 */
export function svpoLoss(inputs: SvpoInputs, options: SvpoOptions = {}): Scalar {
  const { beta = 0.1, margin = 0.5, marginWeight = 0.25, regularizerWeight = 0.001 } = options;
  const { regularizerTarget = 'value', normalizer } = options;
  const { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps } = inputs;
  const { chosenValues, rejectedValues } = inputs;
  const { B } = assertShapes('svpoLoss', {
    policyChosenLogps: [policyChosenLogps, 'B'],
    policyRejectedLogps: [policyRejectedLogps, 'B'],
    referenceChosenLogps: [referenceChosenLogps, 'B'],
    referenceRejectedLogps: [referenceRejectedLogps, 'B'],
    chosenValues: [chosenValues, 'B'],
    rejectedValues: [rejectedValues, 'B'],
  });
  assertBeta('svpoLoss', beta);
  assertFinite('svpoLoss', 'margin', margin);
  assertNotNegative('svpoLoss', 'marginWeight', marginWeight);
  assertNotNegative('svpoLoss', 'regularizerWeight', regularizerWeight);
  assertOneOf('svpoLoss', 'regularizerTarget', regularizerTarget, ['value', 'policy', 'none']);
  assertNormalizer('svpoLoss', normalizer);
  const share = 1 / (normalizer ?? Math.max(B, 1));
  const pairs = { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
  return closedForm(
    { ...pairs, chosenValues, rejectedValues },
    ['policyChosenLogps', 'policyRejectedLogps', 'chosenValues', 'rejectedValues'],
    (math, x) => {
      const chosen = math.sub(x.policyChosenLogps, x.referenceChosenLogps);
      const rejected = math.sub(x.policyRejectedLogps, x.referenceRejectedLogps);
      const policyMargin = math.mul(beta, math.sub(chosen, rejected));
      const valueMargin = math.sub(x.chosenValues, x.rejectedValues);
      const shortfall = math.sub(margin, valueMargin);
      const gap = math.sub(policyMargin, valueMargin);

      const preference = math.softplus(negate(math, policyMargin));
      const separation = math.mul(marginWeight, math.relu(shortfall));
      const tie = math.mul(regularizerWeight, math.square(gap));
      const gradients = () => {
        const pull = math.mul(2 * regularizerWeight, gap);
        const toPolicy = regularizerTarget === 'policy' ? 0 : pull;
        const toValue = regularizerTarget === 'value' ? 0 : pull;
        const policy = math.mul(beta * share, math.sub(toPolicy, math.sigmoid(negate(math, policyMargin))));
        const value = math.mul(-share, math.add(math.mul(marginWeight, math.positive(shortfall)), toValue));
        return {
          policyChosenLogps: policy,
          policyRejectedLogps: negate(math, policy),
          chosenValues: value,
          rejectedValues: negate(math, value),
        };
      };
      return { value: math.mul(share, math.sum(math.add(preference, math.add(separation, tie)))), gradients };
    },
  );
}
