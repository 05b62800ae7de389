import { assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertFinite, assertNormalizer, assertOneOf } from '../shared/check.ts';
import { type Reduction, slotWeights } from '../shared/row-weights.ts';

/** What the value losses take, all [B, S] (one column a step) or [B, T] (one a token). */
export interface ValueInputs {
  /** V_φ, in units of the targets; carries gradient. */
  readonly values: Tensor;
  /** What V should be: an outcome or a search value; data. Mind the coding: 0/1 becomes ±1 by 2y − 1. */
  readonly targets: Tensor;
  /** 1 on the slots that count. */
  readonly mask: Tensor;
}

/** Options of `valueLoss`. */
export interface ValueOptions {
  /** The factor in front, 1 by default. */
  readonly scale?: number;
  /** Mean over a trajectory's states and then over trajectories (default), or over all states. */
  readonly reduction?: 'trajectory' | 'step';
  /** Trajectories (or states, with `reduction: 'step'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * Mean squared error of values: DVO's value model (targets: the outcome at every state) and SVPO's value head (targets: search
 * values; put V = tanh(w·h + b) in and use `reduction: 'step'`).
 *
 * L = scale · mean_i mean_t (V_t − y_t)² (DVO, 2502.13723, section 4.4; SVPO, 2406.10858, eq. 7).
 * ∂L/∂V_t = 2·scale·(V_t − y_t)/(N·n_i). The optimum is the mean of the targets seen at a state.
 *
 * @throws ShapeError when shapes differ; RangeError for an unknown reduction
 * @example
 * ```ts
 * import { valueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const [values, targets, mask] = [[[0.5, 0]], [[1, 1]], [[1, 1]]].map((row) => tf.tensor2d(row));
 * valueLoss({ values, targets, mask }).dataSync()[0]; // => 0.625
 * ```
 */
export function valueLoss(inputs: ValueInputs, options: ValueOptions = {}): Scalar {
  const { scale = 1, reduction = 'trajectory', normalizer } = options;
  assertOneOf('valueLoss', 'reduction', reduction, ['trajectory', 'step']);
  return squaredError('valueLoss', inputs, { scale, reduction, normalizer });
}

/** Σ weights·scale·(V − y)², with the weights of a reduction. */
export function squaredError(
  caller: string,
  { values, targets, mask }: ValueInputs,
  options: { readonly scale: number; readonly reduction: Reduction; readonly normalizer: number | undefined },
): Scalar {
  const { scale, reduction, normalizer } = options;
  assertShapes(caller, { values: [values, 'B S'], targets: [targets, 'B S'], mask: [mask, 'B S'] });
  assertFinite(caller, 'scale', scale);
  assertNormalizer(caller, normalizer);
  return closedForm({ values, targets, mask }, ['values'], (math, x) => {
    const error = math.difference(x.mask, x.values, x.targets);
    const weighted = math.mul(error, math.mul(scale, slotWeights(math, x.mask, reduction, normalizer)));
    return {
      value: math.dot(weighted, error),
      gradients: () => ({ values: math.mul(2, weighted) }),
    };
  });
}
