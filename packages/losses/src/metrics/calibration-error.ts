import { assertOptions } from '@svo/tensor';
import { assertPaired } from './paired.ts';

/** How values are binned. */
export interface CalibrationOptions {
  /** How many equal bins; 10 by default. */
  readonly bins?: number;
  /** What the bins divide, [low, high]; [−1, 1] by default, the range of ±1 rewards. Values beyond it count in the outermost bins. */
  readonly range?: readonly [number, number];
}

/**
 * Expected calibration error (Guo et al., arXiv 1706.04599, eq. 3) in the units of the values: values are put into `bins`
 * equal bins over `range`, and Σ (n_b / n) · |mean value − mean target| is taken over them. 0 means that states valued v
 * turn out v on average.
 *
 * @param values - predicted V(s)
 * @param targets - how the states turned out, in the same units and order
 * @param options - `bins` 10, `range` [−1, 1]
 * @throws RangeError when lengths differ or are 0, `bins` is not a positive whole number, the range is empty, or an option is unknown
 * @example
 * ```ts
 * import { calibrationError } from '@svo/losses';
 * calibrationError([0.5, 0.5, 0.5, 0.5], [1, 1, 1, -1]); // => 0
 * ```
 */
export function calibrationError(
  values: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: CalibrationOptions = {},
): number {
  assertOptions('calibrationError', options, ['bins', 'range']);
  const { bins, low, high } = assertBins('calibrationError', options);
  assertPaired('calibrationError', values, targets);
  const gaps = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const bin = Math.floor(((value - low) / (high - low)) * bins);
    // A value that is no number has no bin, and the error is none either.
    gaps[Number.isNaN(bin) ? 0 : Math.min(bins - 1, Math.max(0, bin))]! += value - targets[i]!;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / values.length;
}

/** The options with their defaults. @throws RangeError for no whole number of bins, or an empty range */
export function assertBins(
  caller: string,
  { bins = 10, range = [-1, 1] }: CalibrationOptions,
): { readonly bins: number; readonly low: number; readonly high: number } {
  const [low, high] = range;
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`${caller}: bins must be a whole number ≥ 1, got ${bins}`);
  if (!(low < high))
    throw new RangeError(`${caller}: range must be [low, high] with low < high, got [${low}, ${high}]`);
  return { bins, low, high };
}
