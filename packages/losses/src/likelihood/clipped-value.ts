import type { Tensor } from '@svo/tensor';
import { atLeast, atMost, difference, maximum, square } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { defaults } from '../shared/defaults.ts';
import { average } from '../shared/row-weights.ts';
import { type ValueInputs, type ValueOptions, valueInputs } from './value.ts';

/** What `clippedValueLoss` takes, all [B, S] or [B, T]. */
export interface ClippedValueInputs extends ValueInputs {
  /** V as it was when the data was made; data. */
  readonly oldValues: Tensor;
}

/** Options of `clippedValueLoss`. */
export interface ClippedValueOptions extends ValueOptions {
  /** ε: how far a value may move from its old one before it stops learning, 0.2 by default. */
  readonly clip?: number;
}

/**
 * PPO's clipped value loss: the worse of the error and of the error a value within ±ε of its old one would have.
 *
 * L = scale · mean_i mean_t max((V_t − y_t)², (V_old + clamp(V_t − V_old, ±ε) − y_t)²), scale ½ by default (as in PPO's public code
 * and its ports; the paper, 1707.06347, has no clip here). ∂L/∂V_t = 2·scale·(V_t − y_t)/(N·n_i), or 0 where the clipped error
 * is the larger one.
 *
 * @throws ShapeError when shapes differ; RangeError for ε ≤ 0 or an unknown reduction
 * @example
 * ```ts
 * import { clippedValueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const values = tf.tensor2d([[0.9, 0]]);
 * const oldValues = tf.tensor2d([[0, 0]]);
 * const targets = tf.tensor2d([[1, 1]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * clippedValueLoss({ values, oldValues, targets, mask }).dataSync()[0]!.toFixed(4); // => '0.4100'
 * ```
 */
export const clippedValueLoss: Loss<ClippedValueInputs, ClippedValueOptions> = defineLoss(
  {
    name: 'clippedValueLoss',
    family: 'likelihood',
    source: "PPO's public code; the paper, 1707.06347, has no clip here",
    inputs: {
      values: valueInputs.values!,
      oldValues: { shape: 'B S', kind: 'values' },
      targets: valueInputs.targets!,
      mask: valueInputs.mask!,
    },
    options: {
      clip: is.positive(defaults.clip, 'a value further than it from its old one is held back', 'epsilonSymbol'),
      scale: is.finite(0.5, 'k'),
      reduction: is.reduction('row', 'flat'),
    },
    golden: [],
  },
  (x, { clip, scale, ...mean }) => {
    const error = difference(x.mask, x.values, x.targets);
    const moved = difference(x.mask, x.values, x.oldValues);
    const heldBack = atLeast(atMost(moved, clip), -clip);
    // Where nothing is held back this is the error itself, rounding included.
    const clipped = error.plus(heldBack.minus(moved));
    return average(maximum(square(error), square(clipped)).times(scale), x.mask, mean);
  },
);
