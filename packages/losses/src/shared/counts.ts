import type { Arithmetic } from '@svo/tensor';

/** max(count, 1): the divisor of a mean that may be over nothing. */
export function atLeastOne<A>(math: Arithmetic<A>, count: A): A {
  return math.add(1, math.relu(math.sub(count, 1)));
}
