import type { Scalar } from '@svo/tensor';

/** The numbers of a record of metrics. */
export async function readMetrics<K extends string>(metrics: Readonly<Record<K, Scalar>>): Promise<Record<K, number>> {
  const entries = Object.entries<Scalar>(metrics).map(async ([name, scalar]) => [name, (await scalar.data())[0]]);
  return Object.fromEntries(await Promise.all(entries)) as Record<K, number>;
}
