import { negate, type Scalar } from '@svo/tensor';
import { assertBeta, assertOneOf } from './check.ts';
import { type PairInputs, type PairOptions, pairLoss } from './pair-loss.ts';

/** Options of `divergenceDpoLoss`. */
export interface DivergenceDpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** Which divergence from the reference is penalised; `'reverseKl'` (default) is plain DPO. */
  readonly divergence?: 'reverseKl' | 'forwardKl' | 'jensenShannon';
}

/**
 * f-DPO: DPO under another divergence than the reverse KL.
 *
 * L = mean softplus(−β(u(Δ_w) − u(Δ_l))) with the score u = f′(π/π_ref) up to a constant (f-DPO, 2309.16240, eq. 14):
 * reverse KL u = Δ; forward KL u = −e^{−Δ}; Jensen-Shannon u = log σ(Δ).
 * ∂L/∂log π_θ(y_w) = −β·σ(−x)·u′(Δ_w)/B, and + with u′(Δ_l) for y_l.
 *
 * Forward KL overflows where Δ < −709: both scores are then −∞ and the loss is NaN, said aloud rather than clamped.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or an unknown divergence
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
  const { beta = 0.1, divergence = 'reverseKl' } = options;
  assertBeta('divergenceDpoLoss', beta);
  assertOneOf('divergenceDpoLoss', 'divergence', divergence, ['reverseKl', 'forwardKl', 'jensenShannon']);
  return pairLoss('divergenceDpoLoss', inputs, options, (math, chosen, rejected) => {
    type A = typeof chosen;
    const score = (logRatio: A): A => {
      if (divergence === 'reverseKl') return logRatio;
      if (divergence === 'forwardKl') return negate(math, math.exp(negate(math, logRatio)));
      return negate(math, math.softplus(negate(math, logRatio)));
    };
    const scoreSlope = (logRatio: A): A | number => {
      if (divergence === 'reverseKl') return 1;
      const opposite = negate(math, logRatio);
      return divergence === 'forwardKl' ? math.exp(opposite) : math.sigmoid(opposite);
    };
    const x = math.mul(beta, math.sub(score(chosen), score(rejected)));
    const slopes = () => {
      const bySide = math.mul(beta, math.sigmoid(negate(math, x)));
      return {
        chosen: negate(math, math.mul(bySide, scoreSlope(chosen))),
        rejected: math.mul(bySide, scoreSlope(rejected)),
      };
    };
    return { losses: math.softplus(negate(math, x)), slopes };
  });
}
