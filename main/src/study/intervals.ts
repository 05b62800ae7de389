/** Means over data seeds with their 95 % intervals. */

/** A mean and its interval, in the units of what was averaged. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** How many data seeds. */
  readonly seeds: number;
}

/** Student's t at 97.5 %, by degrees of freedom from 1 (Fisher and Yates, table III). */
const t975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262] as const;

/**
 * The mean of numbers by data seed with the t interval over seeds. Trainings of one seed share its base and material: they are
 * averaged first, and count once.
 *
 * @param values one list a data seed
 * @returns the interval; without bounds (±∞) for a single seed
 */
export function overSeeds(values: readonly (readonly number[])[]): Interval {
  const means = values.filter((list) => list.length > 0).map(average);
  if (means.length === 0) throw new RangeError('overSeeds: expected at least one data seed with a number, got none');
  const mean = average(means);
  if (means.length === 1) return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, seeds: 1 };
  const variance = means.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (means.length - 1);
  const t = t975[Math.min(means.length - 2, t975.length - 1)]!;
  const half = t * Math.sqrt(variance / means.length);
  return { mean, low: mean - half, high: mean + half, seeds: means.length };
}

const average = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;
