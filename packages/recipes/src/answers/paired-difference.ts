import { meanInterval } from './mean-interval.ts';

/** A difference of two means with its 95 % interval. */
export interface Difference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * By how much `after` is better than `before` on the same questions: the mean of the differences with its 95 % interval (Student's t over
 * questions). A question's difficulty is in both and drops out, so that a smaller gain shows than by two intervals side by side.
 *
 * @param before what each question was worth, such as 1 for a right answer and 0 for a wrong one, or the share of right ones
 * @param after the same questions in the same order
 * @throws RangeError when they are not equally many, fewer than five, or a number is not finite
 * @example
 * ```ts
 * import { pairedDifference } from '@svo/recipes';
 * const before = [0, 0, 1, 0, 1, 0, 0, 1];
 * const after = [1, 0, 1, 1, 1, 0, 1, 1];
 * const { difference, low, high } = pairedDifference(before, after);
 * [difference, low.toFixed(2), high.toFixed(2)]; // => [0.375, '-0.06', '0.81']
 * ```
 */
export function pairedDifference(before: readonly number[], after: readonly number[]): Difference {
  if (before.length !== after.length || before.length < 5)
    throw new RangeError(
      `pairedDifference: before and after must hold the same five questions or more, got ${before.length} and ${after.length}`,
    );
  const differences = after.map((value, i) => value - before[i]!);
  const wrong = differences.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new RangeError(
      `pairedDifference: numbers must be finite, got ${before[wrong]} and ${after[wrong]} at ${wrong}`,
    );
  const { mean, low, high } = meanInterval(differences);
  return { difference: mean, low, high };
}

/**
 * A difference of shares as people read it, in points.
 *
 * @example
 * ```ts
 * import { showDifference } from '@svo/recipes';
 * showDifference({ difference: 0.375, low: -0.06, high: 0.81 }); // => '+37.5 (−6.0 to +81.0)'
 * ```
 */
export function showDifference({ difference, low, high }: Difference): string {
  const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
  return `${points(difference)} (${points(low)} to ${points(high)})`;
}
