import { assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertFinite, assertNormalizer, assertOneOf, assertPositive } from '../shared/check.ts';
import { slotWeights } from '../shared/row-weights.ts';
import type { ValueInputs, ValueOptions } from './value.ts';

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
 * const [values, oldValues, targets, mask] = [[0.9, 0], [0, 0], [1, 1], [1, 1]].map((row) => tf.tensor2d([row]));
 * clippedValueLoss({ values, oldValues, targets, mask }).dataSync()[0].toFixed(4); // => '0.4100'
 * ```
 */
export function clippedValueLoss(inputs: ClippedValueInputs, options: ClippedValueOptions = {}): Scalar {
  const { clip = 0.2, scale = 0.5, reduction = 'trajectory', normalizer } = options;
  const { values, oldValues, targets, mask } = inputs;
  assertShapes('clippedValueLoss', {
    values: [values, 'B S'],
    oldValues: [oldValues, 'B S'],
    targets: [targets, 'B S'],
    mask: [mask, 'B S'],
  });
  assertPositive('clippedValueLoss', 'clip', clip, 'a value further than it from its old one is held back');
  assertFinite('clippedValueLoss', 'scale', scale);
  assertOneOf('clippedValueLoss', 'reduction', reduction, ['trajectory', 'step']);
  assertNormalizer('clippedValueLoss', normalizer);
  return closedForm({ values, oldValues, targets, mask }, ['values'], (math, x) => {
    const error = math.difference(x.mask, x.values, x.targets);
    const moved = math.difference(x.mask, x.values, x.oldValues);
    const sign = math.sub(math.positive(moved), math.positive(math.mul(moved, -1)));
    const edge = math.add(math.difference(x.mask, x.oldValues, x.targets), math.mul(clip, sign));
    const inside = math.positive(math.sub(clip, math.mul(sign, moved)));
    const square = math.square(error);
    // How much worse the held-back value is: 0 where nothing is held back.
    const excess = math.relu(math.sub(math.square(math.select(inside, error, edge)), square));
    const weights = math.mul(scale, slotWeights(math, x.mask, reduction, normalizer));
    const gradients = () => {
      const learning = math.sub(1, math.positive(excess));
      return { values: math.mul(math.mul(2, math.mul(learning, error)), weights) };
    };
    return { value: math.sum(math.mul(math.add(square, excess), weights)), gradients };
  });
}
