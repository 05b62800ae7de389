import { negate, type Scalar } from '@svo/tensor';
import { assertBeta, assertPositive } from '../shared/check.ts';
import { marginLoss, type PairInputs, type PairOptions } from './pair-loss.ts';

/** Options of `discopopLoss`. */
export interface DiscopopOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** τ, how sharply it goes over from one loss to the other: 0.05 by default. */
  readonly temperature?: number;
}

/**
 * DiscoPOP: a blend of the logistic and the exponential loss, found by a language model.
 *
 * L = mean (1−m)·softplus(−x) + m·e^{−x}, m = σ(x/τ), x = β(Δ_w − Δ_l) (DiscoPOP, 2406.08414, eq. 5).
 * ∂L/∂x = m(1−m)/τ·(e^{−x} − softplus(−x)) − (1−m)σ(−x) − m·e^{−x}.
 *
 * m·e^{−x} is computed as exp(log m − x): for very negative x, e^{−x} alone overflows while the product is 0. (For τ > 1 it is not:
 * the loss itself then grows exponentially.)
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or τ ≤ 0
 * @example
 * ```ts
 * import { discopopLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * discopopLoss(pairs).dataSync()[0].toFixed(6); // => '0.814763'
 * ```
 */
export function discopopLoss(inputs: PairInputs, options: DiscopopOptions = {}): Scalar {
  const { beta = 0.1, temperature = 0.05 } = options;
  assertBeta('discopopLoss', beta);
  assertPositive('discopopLoss', 'temperature', temperature, 'it is the width of the blend');
  return marginLoss('discopopLoss', inputs, options, (math, margin) => {
    const x = math.mul(beta, margin);
    const opposite = negate(math, x);
    const gate = math.div(x, temperature);
    const [exponential, logistic] = [math.sigmoid(gate), math.sigmoid(negate(math, gate))];
    const blended = math.exp(math.sub(opposite, math.softplus(negate(math, gate))));
    const soft = math.softplus(opposite);
    const slope = () => {
      const gateSlope = math.sub(math.mul(logistic, blended), math.mul(math.mul(exponential, logistic), soft));
      const direct = math.add(math.mul(logistic, math.sigmoid(opposite)), blended);
      return math.mul(beta, math.sub(math.div(gateSlope, temperature), direct));
    };
    return { losses: math.add(math.mul(logistic, soft), blended), slope };
  });
}
