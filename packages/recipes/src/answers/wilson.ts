/** A share with its 95 % interval. */
export interface Accuracy {
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

/** The normal at 97.5 %. */
export const z975 = 1.959963984540054;

/**
 * `right` of `total` as a share with its 95 % Wilson interval (Wilson 1927), which is sensible at 0 and 1; of `total` 0 the whole range.
 *
 * @example
 * ```ts
 * import { wilson } from '@svo/recipes';
 * const { low, high } = wilson(8, 10);
 * [low.toFixed(3), high.toFixed(3)]; // => ['0.490', '0.943']
 * ```
 */
export function wilson(right: number, total: number): Accuracy {
  if (total === 0) return { accuracy: 0, low: 0, high: 1 };
  const p = right / total;
  const scale = 1 + (z975 * z975) / total;
  const centre = (p + (z975 * z975) / (2 * total)) / scale;
  const half = (z975 / scale) * Math.sqrt((p * (1 - p)) / total + (z975 * z975) / (4 * total * total));
  return { accuracy: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * An accuracy as people read it, in percent.
 *
 * @example
 * ```ts
 * import { showAccuracy, wilson } from '@svo/recipes';
 * showAccuracy(wilson(45, 100)); // => '45.0 % (35.6 to 54.8)'
 * ```
 */
export function showAccuracy({ accuracy, low, high }: Accuracy): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  return `${percent(accuracy)} % (${percent(low)} to ${percent(high)})`;
}
