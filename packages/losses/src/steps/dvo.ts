import type { Tensor } from '@svo/tensor';
import { difference, select, square } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { InputSpecs, Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average } from '../shared/row-weights.ts';

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
  /** ≥ 0, multiplies each step's term: `truncatedWeights` of the steps' log-probs, where another policy drew them; all 1 by default. */
  readonly stepWeights?: Tensor;
}

/** The inputs of DVO's losses. */
export const dvoInputs: InputSpecs = {
  policyLogps: { shape: 'B S', kind: 'logps', trained: true },
  referenceLogps: { shape: 'B S', kind: 'reference' },
  credits: { shape: 'B S', kind: 'rewards' },
  mask: { shape: 'B S', kind: 'mask' },
};

/** Options of `dvoLoss`. */
export interface DvoOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** Mean over a trajectory's steps and then over trajectories (default, as the public code does), or over all steps. */
  readonly reduction?: 'row' | 'flat';
  /** The factor in front: 0.5 (the paper, default) or 1 (the public code). */
  readonly scale?: number;
  /** Trajectories (or steps, with `reduction: 'flat'`) of the whole accumulation window; those of this batch by default. */
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
 * The public code of SPO (2505.23564) has it with importance weights, w = min(10, π_θ(a_t|s_t)/μ(a_t|s_t)) without gradient: `stepWeights`, from
 * `truncatedWeights` with `cap: 10`, and `reduction: 'flat'`.
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
 * loss.dataSync()[0]!.toFixed(6); // => '0.056250'
 * ```
 */
export const dvoLoss: Loss<DvoInputs, DvoOptions> = defineLoss(
  {
    name: 'dvoLoss',
    family: 'steps',
    source: 'DVO, 2502.13723, eq. 10',
    inputs: { ...dvoInputs, stepWeights: { shape: 'B S', kind: 'weights', optional: true } },
    options: { beta: is.beta(), reduction: is.reduction('row', 'flat'), scale: is.finite(0.5, 'k') },
    golden: ['dvo.mse'],
  },
  (x, { beta, scale, ...mean }) => {
    const logRatio = x.policyLogps.minus(x.referenceLogps);
    const residual = difference(x.mask, logRatio.times(beta), x.credits);
    const squares = square(residual).times(scale);
    const { stepWeights } = x;
    return average(stepWeights === undefined ? squares : squares.times(select(x.mask, stepWeights, 0)), x.mask, mean);
  },
);
