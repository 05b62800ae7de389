import type { Tensor } from '../tf.ts';
import type { HostValue } from './host-arithmetic.ts';

/** A tensor's numbers in float64. Always a copy: the tensor may be overwritten or disposed of before a gradient is asked for. */
export function readHost(tensor: Tensor): HostValue {
  return Float64Array.from(tensor.dataSync());
}

/** The same names with every value mapped. */
export function mapValues<K extends string, V, W>(record: Readonly<Record<K, V>>, f: (value: V) => W): Record<K, W> {
  return Object.fromEntries(Object.entries<V>(record).map(([key, value]) => [key, f(value)])) as Record<K, W>;
}
