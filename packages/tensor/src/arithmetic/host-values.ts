import type { Tensor } from '../tf.ts';
import type { HostValue } from './host-arithmetic.ts';

/** A tensor's numbers in float64. */
export function readHost(tensor: Tensor): HostValue {
  return tensor.rank === 0 ? tensor.dataSync()[0] : Float64Array.from(tensor.dataSync());
}

/** The same names with every value mapped. */
export function mapValues<K extends string, V, W>(record: Readonly<Record<K, V>>, f: (value: V) => W): Record<K, W> {
  return Object.fromEntries(Object.entries<V>(record).map(([key, value]) => [key, f(value)])) as Record<K, W>;
}
