import type { Scalar } from '@svo/tensor';
import { assertBeta } from '../shared/check.ts';
import { type PairInputs, type PairOptions, pairLoss } from './pair-loss.ts';

/** Options of `sppoHardLoss`. */
export interface SppoHardOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
}

/**
 * Self-play preference optimization with hard labels: a square around ±1/(2β) on each side.
 *
 * L = mean (Δ_w − 1/(2β))² + (Δ_l + 1/(2β))² (SPPO, 2405.00675, eq. 4.7 with P = 1 and 0).
 * ∂L/∂log π_θ(y_w) = 2(Δ_w − 1/(2β))/B, ∂L/∂log π_θ(y_l) = 2(Δ_l + 1/(2β))/B.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { sppoHardLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * sppoHardLoss(pairs).dataSync()[0].toFixed(6); // => '32.000000'
 * ```
 */
export function sppoHardLoss(inputs: PairInputs, options: SppoHardOptions = {}): Scalar {
  const { beta = 0.1 } = options;
  assertBeta('sppoHardLoss', beta);
  return pairLoss('sppoHardLoss', inputs, options, (math, chosen, rejected) => {
    const target = 1 / (2 * beta);
    const [below, above] = [math.sub(chosen, target), math.add(rejected, target)];
    const losses = math.add(math.square(below), math.square(above));
    return { losses, slopes: () => ({ chosen: math.mul(2, below), rejected: math.mul(2, above) }) };
  });
}
