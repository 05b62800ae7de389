import { assertPaired } from './paired.ts';

/**
 * How much of the targets' variance the values explain: 1 − Var(target − value) / Var(target). 1 is perfect, 0 no better than
 * a constant, negative worse than one; a constant offset is not seen. NaN when the targets don't vary, as in OpenAI
 * Baselines, Stable-Baselines3 and CleanRL: there is nothing to explain, and neither 0 nor 1 would be true of the model.
 *
 * @param values - predicted V(s)
 * @param targets - the returns they stand for, in the same units and order
 * @throws RangeError when the two differ in length, or are empty
 * @example
 * ```ts
 * import { explainedVariance } from '@svo/losses';
 * explainedVariance([1, -1, 0], [1, -1, 0]); // => 1
 * ```
 */
export function explainedVariance(values: ArrayLike<number>, targets: ArrayLike<number>): number {
  assertPaired('explainedVariance', values, targets);
  const total = variance(Array.from(targets));
  const left = variance(Array.from(targets, (target, i) => target - values[i]!));
  return total === 0 ? Number.NaN : 1 - left / total;
}

/** Measured from one of the numbers themselves: equal ones give 0 exactly, not a rounding. */
function variance(numbers: readonly number[]): number {
  const shifted = numbers.map((x) => x - numbers[0]!);
  const mean = shifted.reduce((sum, x) => sum + x, 0) / shifted.length;
  return shifted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / shifted.length;
}
