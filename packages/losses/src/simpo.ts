import { assertShapes, closedForm, negate, type Scalar, type Tensor } from '@svo/tensor';
import { assertBeta, assertFinite, assertNormalizer } from './check.ts';
import { atLeastOne } from './counts.ts';
import type { PairOptions } from './pair-loss.ts';

/** What `simpoLoss` compares, all [B]; no reference. */
export interface SimpoInputs {
  /** log π_θ(y_w | x), summed over tokens, nats; carries gradient. */
  readonly policyChosenLogps: Tensor;
  /** log π_θ(y_l | x), summed over tokens, nats; carries gradient. */
  readonly policyRejectedLogps: Tensor;
  /** n_w, tokens of the chosen completion; data. */
  readonly chosenLengths: Tensor;
  /** n_l, tokens of the rejected completion; data. */
  readonly rejectedLengths: Tensor;
}

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
 * L = mean softplus(−x), x = β(log π_θ(y_w)/n_w − log π_θ(y_l)/n_l) − γ (SimPO, 2405.14734, eq. 6).
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
 * loss.dataSync()[0].toFixed(6); // => '0.126928'
 * ```
 */
export function simpoLoss(inputs: SimpoInputs, options: SimpoOptions = {}): Scalar {
  const { beta = 10, margin = 3, normalizer } = options;
  const { policyChosenLogps, policyRejectedLogps, chosenLengths, rejectedLengths } = inputs;
  const { B } = assertShapes('simpoLoss', {
    policyChosenLogps: [policyChosenLogps, 'B'],
    policyRejectedLogps: [policyRejectedLogps, 'B'],
    chosenLengths: [chosenLengths, 'B'],
    rejectedLengths: [rejectedLengths, 'B'],
  });
  assertBeta('simpoLoss', beta);
  assertFinite('simpoLoss', 'margin', margin);
  assertNormalizer('simpoLoss', normalizer);
  const share = 1 / (normalizer ?? Math.max(B, 1));
  return closedForm(
    { policyChosenLogps, policyRejectedLogps, chosenLengths, rejectedLengths },
    ['policyChosenLogps', 'policyRejectedLogps'],
    (math, x) => {
      const [chosenTokens, rejectedTokens] = [atLeastOne(math, x.chosenLengths), atLeastOne(math, x.rejectedLengths)];
      const chosen = math.div(x.policyChosenLogps, chosenTokens);
      const rejected = math.div(x.policyRejectedLogps, rejectedTokens);
      const opposite = math.sub(margin, math.mul(beta, math.sub(chosen, rejected)));
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
