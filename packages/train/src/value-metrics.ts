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
