import type { Arithmetic } from '@svo/tensor';

/** Below this |x| the series is exact to float32, and what it replaces is not: 1 − e^{−x} cancels. */
const near = 0.05;

/** 1 − e^{−x}, to float32's accuracy also where x is small. */
export function oneMinusExp<A>(math: Arithmetic<A>, x: A): A {
  const series = math.mul(x, nested(math, x, [2, 3, 4, 5]));
  return math.select(isFar(math, x), math.sub(1, math.exp(math.mul(x, -1))), series);
}

/** e^{−x} + x − 1 ≥ 0, likewise: the sampled estimate of a KL divergence ("k3"). */
export function exponentialExcess<A>(math: Arithmetic<A>, x: A): A {
  const series = math.mul(math.mul(0.5, math.square(x)), nested(math, x, [3, 4, 5, 6]));
  return math.select(isFar(math, x), math.sub(x, math.sub(1, math.exp(math.mul(x, -1)))), series);
}

/** Whether |x| is beyond the series; not where x is NaN, which the series keeps. */
function isFar<A>(math: Arithmetic<A>, x: A): A {
  return math.positive(math.sub(math.square(x), near * near));
}

/** 1 − x/a (1 − x/b (1 − x/c …)). */
function nested<A>(math: Arithmetic<A>, x: A, divisors: readonly number[]): A {
  const innermost = math.add(math.mul(0, x), 1);
  return divisors.reduceRight((inner, divisor) => math.sub(1, math.mul(math.mul(x, 1 / divisor), inner)), innermost);
}
