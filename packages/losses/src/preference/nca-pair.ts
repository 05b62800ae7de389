import { negate, type Scalar } from '@svo/tensor';
import { assertBeta } from '../shared/check.ts';
import { type PairInputs, type PairOptions, pairLoss } from './pair-loss.ts';

/** Options of `ncaPairLoss`. */
export interface NcaPairOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Noise-contrastive alignment for pairs: pulls the chosen side up by itself, not only above the rejected one.
 *
 * L = mean softplus(−a) + ½·softplus(a) + ½·softplus(b), a = βΔ_w, b = βΔ_l (NCA, 2402.05369, section 4.1).
 * ∂L/∂log π_θ(y_w) = β(½σ(a) − σ(−a))/B, ∂L/∂log π_θ(y_l) = ½βσ(b)/B. 2 ln 2 where policy and reference agree.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { ncaPairLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * ncaPairLoss(pairs).dataSync()[0].toFixed(6); // => '1.338793'
 * ```
 */
export function ncaPairLoss(inputs: PairInputs, options: NcaPairOptions = {}): Scalar {
  const { beta = 0.1 } = options;
  assertBeta('ncaPairLoss', beta);
  return pairLoss('ncaPairLoss', inputs, options, (math, chosen, rejected) => {
    const [a, b] = [math.mul(beta, chosen), math.mul(beta, rejected)];
    const noise = math.mul(0.5, math.add(math.softplus(a), math.softplus(b)));
    const losses = math.add(math.softplus(negate(math, a)), noise);
    const slopes = () => ({
      chosen: math.mul(beta, math.sub(math.mul(0.5, math.sigmoid(a)), math.sigmoid(negate(math, a)))),
      rejected: math.mul(0.5 * beta, math.sigmoid(b)),
    });
    return { losses, slopes };
  });
}
