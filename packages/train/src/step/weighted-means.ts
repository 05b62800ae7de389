/** A metric of one batch, and how much that batch weighs. */
export interface Weighed {
  readonly name: string;
  readonly value: number;
  readonly weight: number;
}

/**
 * Σ weight·value / Σ weight of each metric over the batches that have it. NaN says that a batch had nothing to measure (an
 * explained variance where the returns don't vary) and is left out; it stays NaN where no batch had anything, and for the
 * loss, where it is a fault that must be seen.
 * @example
 * ```ts
 * import { weightedMeans } from '@svo/train';
 * const seen = [1, 4, Number.NaN].map((value, i) => ({ name: 'accuracy', value, weight: i + 1 }));
 * weightedMeans(seen); // => { accuracy: 3 }
 * ```
 */
export function weightedMeans(metrics: readonly Weighed[]): Record<string, number> {
  const sums = new Map<string, { sum: number; weight: number }>();
  for (const { name, value, weight } of metrics) {
    const { sum, weight: before } = sums.get(name) ?? { sum: 0, weight: 0 };
    const counts = name === 'loss' || !Number.isNaN(value);
    sums.set(name, counts ? { sum: sum + weight * value, weight: before + weight } : { sum, weight: before });
  }
  return Object.fromEntries([...sums].map(([name, { sum, weight }]) => [name, sum / weight]));
}
