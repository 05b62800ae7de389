/** Means over data seeds with their 95 % intervals. */
import { type MeanInterval, meanInterval } from '@svo/recipes';

/** A mean and its interval, in the units of what was averaged. */
export interface Interval extends MeanInterval {
  /** How many data seeds. */
  readonly seeds: number;
}

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
  return { ...meanInterval(means), seeds: means.length };
}

const average = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;
