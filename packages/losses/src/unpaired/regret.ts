import { type Arithmetic, negate } from '@svo/tensor';

/** One term an example, and its derivative by the example's reward. */
export interface RegretTerms<A> {
  readonly losses: A;
  readonly slopes: () => A;
}

/**
 * w·σ(−s·u): how far reward u is from the side it should be on (s = +1: high, −1: low). Derivative −s·w·σ(u)σ(−u).
 * What KTO, its baseline-free form and DVO's KTO variant share.
 */
export function regret<A>(math: Arithmetic<A>, sign: A, weight: A, reward: A): RegretTerms<A> {
  const signed = math.mul(sign, reward);
  const missed = math.sigmoid(negate(math, signed));
  return {
    losses: math.mul(weight, missed),
    slopes: () => math.mul(negate(math, math.mul(sign, weight)), math.mul(missed, math.sigmoid(signed))),
  };
}

/** +1 where a label is positive, −1 elsewhere, with the weight of its class. */
export function labelled<A>(
  math: Arithmetic<A>,
  labels: A,
  desirableWeight: number,
  undesirableWeight: number,
): { readonly sign: A; readonly weight: A } {
  const desirable = math.positive(labels);
  return {
    sign: math.sub(math.mul(2, desirable), 1),
    weight: math.add(undesirableWeight, math.mul(desirableWeight - undesirableWeight, desirable)),
  };
}

/** z = max(0, Σ Δ / divisor) over mismatched pairs: KTO's baseline in nats. */
export function klBaseline<A>(math: Arithmetic<A>, logRatios: A, divisor: A | number): A {
  return math.relu(math.div(math.sum(logRatios), divisor));
}
