import type { Tensor } from '../tf.ts';
import type { HostValue } from './host-arithmetic.ts';
import { scratch } from './scratch.ts';

/** A tensor's numbers in float64, in scratch memory. */
export function readHost(tensor: Tensor): HostValue {
  const numbers = scratch(tensor.size);
  numbers.set(tensor.dataSync());
  return numbers;
}

/** The same names with every value mapped. */
export function mapValues<K extends string, V, W>(record: Readonly<Record<K, V>>, f: (value: V) => W): Record<K, W> {
  return Object.fromEntries(Object.entries<V>(record).map(([key, value]) => [key, f(value)])) as Record<K, W>;
}
