import { assertOptions, assertShapes, type Tensor, tf, whereValid } from '@svo/tensor';
import type { ValueInputs } from '../likelihood/value.ts';
import { assertBins, type CalibrationOptions } from './calibration-error.ts';
import { indicator, type Metrics, meanOver, metricsOf } from './means.ts';

/**
 * What to watch beside a value loss, over the valid places of the batch: `values/mean` (0 over nothing);
 * `values/explained_variance` and `values/calibration_error`, which `explainedVariance` and `calibrationError` define. The
 * explained variance is NaN where the targets don't vary, as there is then nothing to explain.
 *
 * @param inputs - as of `valueLoss`, all [B, S]
 * @param options - `bins` 10, `range` [−1, 1], as for `calibrationError`
 * @throws ShapeError when shapes differ; RangeError when `bins` is not a positive whole number, the range is empty, or an
 *   option is unknown
 * @example
 * ```ts
 * import { valueMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const values = tf.tensor2d([[0.5, -0.5]]);
 * const targets = tf.tensor2d([[1, -1]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * valueMetrics({ values, targets, mask })['values/explained_variance'].dataSync()[0]; // => 0.75
 * ```
 */
export function valueMetrics(
  inputs: ValueInputs,
  options: CalibrationOptions = {},
): Metrics<'values/mean' | 'values/explained_variance' | 'values/calibration_error'> {
  assertOptions('valueMetrics', options, ['bins', 'range']);
  const { bins, low, high } = assertBins('valueMetrics', options);
  const { values, targets, mask } = inputs;
  assertShapes('valueMetrics', { values: [values, 'B S'], targets: [targets, 'B S'], mask: [mask, 'B S'] });
  return metricsOf(() => {
    const errors = whereValid(mask, tf.sub(values, targets));
    const place = tf.floor(tf.mul(tf.div(tf.sub(whereValid(mask, values), low), high - low), bins));
    const bin = tf.reshape(tf.clipByValue(place, 0, bins - 1), [-1, 1]);
    const inBin = indicator(tf.equal(bin, tf.range(0, bins)));
    const gaps = tf.sum(tf.mul(inBin, tf.reshape(errors, [-1, 1])), 0);
    const count = tf.maximum(tf.sum(indicator(tf.greater(mask, 0))), 1);
    const [total, left] = [varianceOver(mask, targets), varianceOver(mask, errors)];
    return {
      'values/mean': meanOver(mask, values),
      'values/explained_variance': tf.where(tf.equal(total, 0), Number.NaN, tf.sub(1, tf.div(left, total))),
      'values/calibration_error': tf.div(tf.sum(tf.abs(gaps)), count),
    };
  });
}

/** Var over valid places. Measured from one of the numbers themselves: equal ones give 0 exactly, not a rounding. */
function varianceOver(mask: Tensor, x: Tensor): Tensor {
  const shifted = tf.sub(x, tf.max(whereValid(mask, x, Number.NEGATIVE_INFINITY)));
  return meanOver(mask, tf.square(tf.sub(shifted, meanOver(mask, shifted))));
}
