import { z975 } from './wilson.ts';

/** A difference of two means with its 95 % interval. */
export interface Difference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** Student's t at 97.5 %, from the normal's by Fisher's expansion (Abramowitz and Stegun, 26.7.5): within 0.01 from four degrees of freedom on. */
function t975(freedom: number): number {
  const z = z975;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, i) => sum + term / freedom ** (i + 1), z);
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
  const count = differences.length;
  const difference = differences.reduce((sum, value) => sum + value, 0) / count;
  const variance = differences.reduce((sum, value) => sum + (value - difference) ** 2, 0) / (count - 1);
  const half = t975(count - 1) * Math.sqrt(variance / count);
  return { difference, low: difference - half, high: difference + half };
}
