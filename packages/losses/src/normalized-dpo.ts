import { assertShapes, closedForm, negate, type Scalar, type Tensor } from '@svo/tensor';
import { assertBeta, assertNormalizer } from './check.ts';
import { atLeastOne } from './counts.ts';
import type { PairInputs, PairOptions } from './pair-loss.ts';

/** The pair's log-probs and how many tokens each sum runs over. */
export interface NormalizedDpoInputs extends PairInputs {
  /** n_w, tokens of the chosen completion [B]; data. */
  readonly chosenLengths: Tensor;
  /** n_l, tokens of the rejected completion [B]; data. */
  readonly rejectedLengths: Tensor;
}

/** Options of `normalizedDpoLoss`. */
export interface NormalizedDpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Length-normalised DPO: the margin per token (TRL's `sigmoid_norm`; Tülu 3, 2411.15124, eq. 6).
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
 * loss.dataSync()[0].toFixed(6); // => '0.656350'
 * ```
 */
export function normalizedDpoLoss(inputs: NormalizedDpoInputs, options: NormalizedDpoOptions = {}): Scalar {
  const { beta = 0.1, normalizer } = options;
  const { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps } = inputs;
  const { chosenLengths, rejectedLengths } = inputs;
  const { B } = assertShapes('normalizedDpoLoss', {
    policyChosenLogps: [policyChosenLogps, 'B'],
    policyRejectedLogps: [policyRejectedLogps, 'B'],
    referenceChosenLogps: [referenceChosenLogps, 'B'],
    referenceRejectedLogps: [referenceRejectedLogps, 'B'],
    chosenLengths: [chosenLengths, 'B'],
    rejectedLengths: [rejectedLengths, 'B'],
  });
  assertBeta('normalizedDpoLoss', beta);
  assertNormalizer('normalizedDpoLoss', normalizer);
  const share = 1 / (normalizer ?? Math.max(B, 1));
  const tensors = { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
  return closedForm(
    { ...tensors, chosenLengths, rejectedLengths },
    ['policyChosenLogps', 'policyRejectedLogps'],
    (math, x) => {
      const [chosenTokens, rejectedTokens] = [atLeastOne(math, x.chosenLengths), atLeastOne(math, x.rejectedLengths)];
      const chosen = math.div(math.sub(x.policyChosenLogps, x.referenceChosenLogps), chosenTokens);
      const rejected = math.div(math.sub(x.policyRejectedLogps, x.referenceRejectedLogps), rejectedTokens);
      const opposite = math.mul(-beta, math.sub(chosen, rejected));
      const gradients = () => {
        const slope = math.mul(beta * share, math.sigmoid(opposite));
        return {
          policyChosenLogps: negate(math, math.div(slope, chosenTokens)),
          policyRejectedLogps: math.div(slope, rejectedTokens),
        };
      };
      return { value: math.mul(share, math.sum(math.softplus(opposite))), gradients };
    },
  );
}
