import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { squaredError, type ValueInputs, valueInputs } from './value.ts';

/** Options of `outcomeValueLoss`. */
export interface OutcomeValueOptions {
  /** The factor in front, 1 by default. */
  readonly scale?: number;
  /** Trajectories of the whole accumulation window; those of this batch with a valid token by default. */
  readonly normalizer?: number;
}

/**
 * OVM's loss: every token's value is regressed on the final outcome.
 *
 * L = scale · mean_i Σ_t (V_t − y_t)²: a *sum* over a solution's tokens, a mean over solutions (OVM, 2311.09724, and its
 * code). ∂L/∂V_t = 2·scale·(V_t − y_t)/B. Outcomes are 0/1 in OVM; the head is unbounded.
 *
 * @throws ShapeError when shapes differ
 * @example
 * ```ts
 * import { outcomeValueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const values = tf.tensor2d([[0.5, 0]]);
 * const targets = tf.tensor2d([[1, 1]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * outcomeValueLoss({ values, targets, mask }).dataSync()[0]; // => 1.25
 * ```
 */
export const outcomeValueLoss: Loss<ValueInputs, OutcomeValueOptions> = defineLoss(
  {
    name: 'outcomeValueLoss',
    family: 'likelihood',
    source: 'OVM, 2311.09724',
    inputs: valueInputs,
    options: { scale: is.finite(1, 'k') },
    golden: ['value.ovm'],
  },
  (x, options) => squaredError(x, { ...options, reduction: 'sum' }),
);
