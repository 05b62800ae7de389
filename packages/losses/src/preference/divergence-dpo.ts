import { type Arithmetic, negate, type Scalar } from '@svo/tensor';
import { assertBeta, assertFinite, assertOneOf } from '../shared/check.ts';
import { oneMinusExp } from '../shared/small-exponents.ts';
import { type PairInputs, type PairOptions, pairLoss } from './pair-loss.ts';

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
 * divergenceDpoLoss(pairs, { divergence: 'jensenShannon' }).dataSync()[0].toFixed(6); // => '0.644397'
 * ```
 */
export function divergenceDpoLoss(inputs: PairInputs, options: DivergenceDpoOptions = {}): Scalar {
  const { beta = 0.1, divergence = 'reverseKl', alpha = 0.5 } = options;
  assertBeta('divergenceDpoLoss', beta);
  assertOneOf('divergenceDpoLoss', 'divergence', divergence, ['reverseKl', 'forwardKl', 'jensenShannon', 'alpha']);
  assertFinite('divergenceDpoLoss', 'alpha', alpha);
  const exponent = { reverseKl: 0, forwardKl: 1, alpha, jensenShannon: 0 }[divergence];
  return pairLoss('divergenceDpoLoss', inputs, options, (math, chosen, rejected) => {
    const { gap, logSlope } =
      divergence === 'jensenShannon' ? jensenShannon(math, chosen, rejected) : power(math, chosen, rejected, exponent);
    const x = math.mul(beta, gap);
    const surprise = math.softplus(x);
    // σ(−x)·u′ as one exponential: apart, the one is 0 where the other is ∞.
    const slope = (logRatio: typeof chosen, sign: number) =>
      math.mul(sign * beta, math.exp(math.sub(logSlope(logRatio), surprise)));
    const slopes = () => ({ chosen: slope(chosen, -1), rejected: slope(rejected, 1) });
    return { losses: math.softplus(negate(math, x)), slopes };
  });
}

/** u(Δ_w) − u(Δ_l), and log u′. */
interface Score<A> {
  readonly gap: A;
  readonly logSlope: (logRatio: A) => A;
}

function jensenShannon<A>(math: Arithmetic<A>, chosen: A, rejected: A): Score<A> {
  const logSlope = (logRatio: A): A => negate(math, math.softplus(logRatio));
  const [up, down] = [chosen, rejected].map((logRatio) => math.softplus(negate(math, logRatio)));
  return { gap: math.sub(down, up), logSlope };
}

/** u = (1 − e^{−αΔ})/α, or Δ where α = 0: e^p − e^q is written ±e^{max(p, q)}(1 − e^{−|p − q|}). */
function power<A>(math: Arithmetic<A>, chosen: A, rejected: A, alpha: number): Score<A> {
  const logSlope = (logRatio: A): A => math.mul(-alpha, logRatio);
  const difference = math.sub(chosen, rejected);
  if (alpha === 0) return { gap: difference, logSlope };
  const [excess, shortfall] = [math.mul(alpha, difference), math.mul(-alpha, difference)];
  const sign = math.sub(math.positive(excess), math.positive(shortfall));
  const largest = math.add(logSlope(chosen), math.relu(excess));
  const apart = oneMinusExp(math, math.mul(sign, excess));
  const size = math.mul(math.div(sign, alpha), math.mul(math.exp(largest), apart));
  return { gap: math.select(math.equal(difference, 0), 0, size), logSlope };
}
