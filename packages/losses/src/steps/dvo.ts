import { assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertBeta, assertFinite, assertNormalizer, assertOneOf } from '../shared/check.ts';
import { slotWeights } from '../shared/row-weights.ts';

/** What `dvoLoss` compares, all [B, S], one column a reasoning step. */
export interface DvoInputs {
  /** log π_θ(a_t | s_t), summed over the step's tokens (`stepLogps`), nats; carries gradient. */
  readonly policyLogps: Tensor;
  /** log π_ref(a_t | s_t), nats; data. */
  readonly referenceLogps: Tensor;
  /** c_t = r_t + V(s_{t+1}) − V(s_t), in units of the reward; data. */
  readonly credits: Tensor;
  /** 1 on real steps, 0 on padding. */
  readonly mask: Tensor;
}

/** Options of `dvoLoss`. */
export interface DvoOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** Mean over a trajectory's steps and then over trajectories (default, as the public code does), or over all steps. */
  readonly reduction?: 'trajectory' | 'step';
  /** The factor in front: 0.5 (the paper, default) or 1 (the public code). */
  readonly scale?: number;
  /** Trajectories (or steps, with `reduction: 'step'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * Direct Value Optimization: step-level regression of the policy's log-ratio on the credit.
 *
 * L = mean_i mean_t ½ (β·Δ_t − c_t)², Δ_t = log π_θ(a_t|s_t) − log π_ref(a_t|s_t) (DVO, 2502.13723, eq. 10).
 * ∂L/∂log π_θ(a_t|s_t) = β·(β·Δ_t − c_t) / (N·S_i); the minimiser is Δ_t = c_t/β.
 *
 * Trajectories without valid steps count for nothing; if there are no others the loss is 0.
 *
 * @throws ShapeError when an input is not [B, S]; RangeError for β ≤ 0 or an unknown reduction
 * @example
 * ```ts
 * import { dvoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const loss = dvoLoss({
 *   policyLogps: tf.tensor2d([[-3, -7.5]]),
 *   referenceLogps: tf.tensor2d([[-4, -7]]),
 *   credits: tf.tensor2d([[0.25, -0.5]]),
 *   mask: tf.tensor2d([[1, 1]]),
 * });
 * loss.dataSync()[0].toFixed(6); // => '0.056250'
 * ```
 */
export function dvoLoss(inputs: DvoInputs, options: DvoOptions = {}): Scalar {
  const { beta = 0.1, reduction = 'trajectory', scale = 0.5, normalizer } = options;
  const { policyLogps, referenceLogps, credits, mask } = inputs;
  assertShapes('dvoLoss', {
    policyLogps: [policyLogps, 'B S'],
    referenceLogps: [referenceLogps, 'B S'],
    credits: [credits, 'B S'],
    mask: [mask, 'B S'],
  });
  assertBeta('dvoLoss', beta);
  assertFinite('dvoLoss', 'scale', scale);
  assertOneOf('dvoLoss', 'reduction', reduction, ['trajectory', 'step']);
  assertNormalizer('dvoLoss', normalizer);
  return closedForm({ policyLogps, referenceLogps, credits, mask }, ['policyLogps'], (math, x) => {
    const logRatio = math.sub(x.policyLogps, x.referenceLogps);
    const residual = math.difference(x.mask, math.mul(beta, logRatio), x.credits);
    const weighted = math.mul(residual, slotWeights(math, x.mask, reduction, normalizer));
    return {
      value: math.mul(scale, math.dot(weighted, residual)),
      gradients: () => ({ policyLogps: math.mul(2 * scale * beta, weighted) }),
    };
  });
}
