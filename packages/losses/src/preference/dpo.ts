import { negate, type Scalar } from '@svo/tensor';
import { assertBeta, assertWithin } from '../shared/check.ts';
import { marginLoss, type PairInputs, type PairOptions } from './pair-loss.ts';

/** Options of `dpoLoss`. */
export interface DpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** ε, the chance that a label is wrong: 0 by default. */
  readonly labelSmoothing?: number;
}

/**
 * Direct Preference Optimization.
 *
 * L = mean −log σ(x) = mean softplus(−x), x = β(Δ_w − Δ_l), Δ = log π_θ − log π_ref of a whole completion
 * (DPO, 2305.18290, eq. 7). ∂L/∂log π_θ(y_w) = −β·σ(−x)/B, and minus that for y_l.
 *
 * ln 2 where policy and reference agree; L(x) − L(−x) = −x; convex and strictly falling in x. With `labelSmoothing` ε this is
 * conservative DPO, softplus(−x) + ε·x (see `conservativeDpoLoss`).
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or ε outside [0, ½]
 * @example
 * ```ts
 * import { dpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * dpoLoss(pairs).dataSync()[0].toFixed(6); // => '0.598139'
 * ```
 */
export function dpoLoss(inputs: PairInputs, options: DpoOptions = {}): Scalar {
  const { beta = 0.1, labelSmoothing = 0, ...rest } = options;
  return smoothedDpoLoss('dpoLoss', inputs, { beta, labelSmoothing, ...rest });
}

/** softplus(−x) + ε·x under a given caller's name: what `dpoLoss`, `conservativeDpoLoss` and `stepDpoLoss` share. */
export function smoothedDpoLoss(
  caller: string,
  inputs: PairInputs,
  options: DpoOptions & { readonly beta: number; readonly labelSmoothing: number },
): Scalar {
  const { beta, labelSmoothing } = options;
  assertBeta(caller, beta);
  assertWithin(caller, 'labelSmoothing', labelSmoothing, [0, 0.5]);
  return marginLoss(caller, inputs, options, (math, margin) => {
    const x = math.mul(beta, margin);
    const losses = math.add(math.softplus(negate(math, x)), math.mul(labelSmoothing, x));
    const slope = () => math.mul(-beta, math.sub(math.sigmoid(negate(math, x)), labelSmoothing));
    return { losses, slope };
  });
}
