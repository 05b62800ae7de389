import { z975 } from './wilson.ts';

/** A mean with its 95 % interval. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Student's t at 97.5 %, by degrees of freedom from 1 (Fisher and Yates, table III). */
const fewFreedoms = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262] as const;

/** The same of more, from the normal's by Fisher's expansion (Abramowitz and Stegun, 26.7.5). */
function t975(freedom: number): number {
  const z = z975;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return fewFreedoms[freedom - 1] ?? terms.reduce((sum, term, i) => sum + term / freedom ** (i + 1), z);
}

/**
 * The mean of independent numbers with its 95 % interval (Student's t); of a single number without bounds (±∞).
 *
 * @throws RangeError for no number, or one that is not finite
 * @example
 * ```ts
 * import { meanInterval } from '@svo/recipes';
 * const { mean, low, high } = meanInterval([1, 2, 3, 4, 5]);
 * [mean, low.toFixed(2), high.toFixed(2)]; // => [3, '1.04', '4.96']
 * ```
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (values.length === 0 || wrong !== undefined)
    throw new RangeError(`meanInterval: values must be finite numbers, at least one, got ${wrong ?? 'none'}`);
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = t975(count - 1) * Math.sqrt(variance / count);
  return { mean, low: mean - half, high: mean + half };
}
