import { type Tensor, tf, whereValid } from '@svo/tensor';

/** Values and what they should be, all [B, S] or [B, T]. */
export interface ValuesAndTargets {
  readonly values: Tensor;
  /** The returns the values stand for. */
  readonly targets: Tensor;
  /** 1 where there is a value, else 0. */
  readonly mask: Tensor;
}

/**
 * Metrics of a value model over the valid places of a batch, to spread beside its loss: `values/mean`;
 * `values/explained_variance` and `values/calibration_error`, which {@link explainedVariance} and {@link calibrationError}
 * define. They carry no gradient into it.
 * @param options `bins` 10, `range` [−1, 1], as for `calibrationError`
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { valueMetrics } from '@svo/train';
 * const row = (...x: number[]) => tf.tensor2d([x]);
 * const metrics = valueMetrics({ values: row(0.5, -0.5, 9), targets: row(1, -1, 9), mask: row(1, 1, 0) });
 * metrics['values/explained_variance'].dataSync()[0]; // => 0.75
 * ```
 */
export function valueMetrics(
  { values, targets, mask }: ValuesAndTargets,
  { bins = 10, range: [low, high] = [-1, 1] }: { bins?: number; range?: readonly [number, number] } = {},
): Readonly<Record<string, Tensor>> {
  return tf.tidy(() => {
    const valid = tf.cast(tf.greater(mask, 0), 'float32');
    const count = tf.maximum(tf.sum(valid), 1);
    const meanOf = (numbers: Tensor): Tensor => tf.div(tf.sum(whereValid(mask, numbers)), count);
    const varianceOf = (numbers: Tensor): Tensor => meanOf(tf.square(tf.sub(numbers, meanOf(numbers))));
    const errors = whereValid(mask, tf.sub(values, targets));
    const place = tf.floor(tf.mul(tf.div(tf.sub(whereValid(mask, values), low), high - low), bins));
    const bin = tf.cast(tf.reshape(tf.clipByValue(place, 0, bins - 1), [-1]), 'int32');
    const gaps = tf.sum(tf.mul(tf.oneHot(bin, bins), tf.reshape(errors, [-1, 1])), 0);
    const metrics: Record<string, Tensor> = {
      'values/mean': meanOf(values),
      'values/explained_variance': tf.sub(1, tf.div(varianceOf(errors), varianceOf(targets))),
      'values/calibration_error': tf.div(tf.sum(tf.abs(gaps)), count),
    };
    return metrics;
  });
}

/**
 * How much of the targets' variance the values explain: 1 − Var(target − value) / Var(target). 1 is perfect, 0 no better than
 * a constant, negative worse than one. NaN when the targets don't vary: there is nothing to explain.
 * @param values predicted V(s) and `targets` the returns they stand for, in the same units and order
 * @throws RangeError when the two differ in length, or are empty.
 * @example
 * ```ts
 * import { explainedVariance } from '@svo/train';
 * explainedVariance([1, -1, 0], [1, -1, 0]); // => 1
 * ```
 */
export function explainedVariance(values: ArrayLike<number>, targets: ArrayLike<number>): number {
  assertPaired('explainedVariance', values, targets);
  const residuals = Array.from(targets, (target, i) => target - values[i]);
  const total = variance(Array.from(targets));
  return total === 0 ? Number.NaN : 1 - variance(residuals) / total;
}

/**
 * Expected calibration error (Guo et al., arXiv 1706.04599, eq. 3) in the units of the values: values are put into `bins`
 * equal bins over `range`, and Σ (n_b / n) · |mean value − mean outcome| is taken over them. 0 means that states valued v
 * turn out v on average.
 * @param options `bins` 10, `range` [−1, 1], the range of ±1 rewards; values beyond it count in the outermost bins
 * @throws RangeError when lengths differ or are 0, `bins` is not a positive whole number, or the range is empty.
 * @example
 * ```ts
 * import { calibrationError } from '@svo/train';
 * calibrationError([0.5, 0.5, 0.5, 0.5], [1, 1, 1, -1]); // => 0
 * ```
 */
export function calibrationError(
  values: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  { bins = 10, range: [low, high] = [-1, 1] }: { bins?: number; range?: readonly [number, number] } = {},
): number {
  assertPaired('calibrationError', values, outcomes);
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`calibrationError: bins must be a whole number ≥ 1, got ${bins}`);
  if (!(low < high))
    throw new RangeError(`calibrationError: range must be [low, high] with low < high, got [${low}, ${high}]`);
  const gaps = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor(((values[i] - low) / (high - low)) * bins);
    gaps[Math.min(bins - 1, Math.max(0, bin))] += values[i] - outcomes[i];
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / values.length;
}

function variance(numbers: readonly number[]): number {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
}

function assertPaired(name: string, values: ArrayLike<number>, targets: ArrayLike<number>): void {
  if (values.length === 0 || values.length !== targets.length)
    throw new RangeError(
      `${name}: values and targets must be of one length ≥ 1, got ${values.length} and ${targets.length}`,
    );
}
