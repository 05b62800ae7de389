import type { Tensor } from '@svo/tensor';
import { difference, square } from '../formula/operations.ts';
import type { Term } from '../formula/term.ts';
import { defineLoss, type Terms } from '../manifest/define-loss.ts';
import type { InputSpecs, Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average, type Reduction } from '../shared/row-weights.ts';

/** What the value losses take, all [B, S] (one column a step) or [B, T] (one a token). */
export interface ValueInputs {
  /** V_φ, in units of the targets; carries gradient. */
  readonly values: Tensor;
  /** What V should be: an outcome or a search value; data. Mind the coding: 0/1 becomes ±1 by 2y − 1. */
  readonly targets: Tensor;
  /** 1 on the slots that count. */
  readonly mask: Tensor;
}

/** The inputs of value losses. */
export const valueInputs: InputSpecs = {
  values: { shape: 'B S', kind: 'values', trained: true },
  targets: { shape: 'B S', kind: 'values' },
  mask: { shape: 'B S', kind: 'mask' },
};

/** Options of `valueLoss`. */
export interface ValueOptions {
  /** The factor in front, 1 by default. */
  readonly scale?: number;
  /** Mean over a trajectory's states and then over trajectories (default), or over all states. */
  readonly reduction?: 'row' | 'flat';
  /** Trajectories (or states, with `reduction: 'flat'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * Mean squared error of values: DVO's value model (targets: the outcome at every state) and SVPO's value head (targets: search
 * values; put V = tanh(w·h + b) in and use `reduction: 'flat'`).
 *
 * L = scale · mean_i mean_t (V_t − y_t)² (DVO, 2502.13723, section 4.4; SVPO, 2406.10858, eq. 7).
 * ∂L/∂V_t = 2·scale·(V_t − y_t)/(N·n_i). The optimum is the mean of the targets seen at a state.
 *
 * @throws ShapeError when shapes differ; RangeError for an unknown reduction
 * @example
 * ```ts
 * import { valueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const values = tf.tensor2d([[0.5, 0]]);
 * const targets = tf.tensor2d([[1, 1]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * valueLoss({ values, targets, mask }).dataSync()[0]; // => 0.625
 * ```
 */
export const valueLoss: Loss<ValueInputs, ValueOptions> = defineLoss(
  {
    name: 'valueLoss',
    family: 'likelihood',
    source: 'DVO, 2502.13723, section 4.4; SVPO, 2406.10858, eq. 7',
    inputs: valueInputs,
    options: { scale: is.finite(1, 'k'), reduction: is.reduction('row', 'flat') },
    golden: [],
  },
  squaredError,
);

/** The average of scale·(V − y)². */
export function squaredError(
  x: Terms<ValueInputs>,
  options: { readonly scale: number; readonly reduction: Reduction; readonly normalizer: Term | undefined },
): Term {
  return average(square(difference(x.mask, x.values, x.targets)).times(options.scale), x.mask, options);
}
