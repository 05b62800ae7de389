import { negate, type Scalar } from '@svo/tensor';
import { assertBeta, assertOpen } from '../shared/check.ts';
import { marginLoss, type PairInputs, type PairOptions } from './pair-loss.ts';

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
 * exoPairLoss(pairs).dataSync()[0].toFixed(6); // => '2.422015'
 * ```
 */
export function exoPairLoss(inputs: PairInputs, options: ExoPairOptions = {}): Scalar {
  const { beta = 0.1, labelSmoothing = 0.001 } = options;
  assertBeta('exoPairLoss', beta);
  assertOpen('exoPairLoss', 'labelSmoothing', labelSmoothing, [0, 1]);
  return marginLoss('exoPairLoss', inputs, options, (math, margin) => {
    const x = math.mul(beta, margin);
    const opposite = negate(math, x);
    const [win, lose] = [math.sigmoid(x), math.sigmoid(opposite)];
    const winExcess = math.sub(negate(math, math.softplus(opposite)), Math.log1p(-labelSmoothing));
    const loseExcess = math.sub(negate(math, math.softplus(x)), Math.log(labelSmoothing));
    const losses = math.add(math.mul(win, winExcess), math.mul(lose, loseExcess));
    const target = Math.log1p(-labelSmoothing) - Math.log(labelSmoothing);
    const slope = () => math.mul(beta, math.mul(math.mul(win, lose), math.sub(x, target)));
    return { losses, slope };
  });
}
