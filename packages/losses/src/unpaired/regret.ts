import { positive, relu, sigmoid, stop, sum } from '../formula/operations.ts';
import { type Term, term } from '../formula/term.ts';
import type { InputSpecs } from '../manifest/manifest.ts';

/** What losses over single completions take. */
export const unpairedInputs: InputSpecs = {
  policyLogps: { shape: 'B', kind: 'logps', trained: true },
  referenceLogps: { shape: 'B', kind: 'reference' },
  labels: { shape: 'B', kind: 'labels' },
};

/** The mismatched ones KTO's baseline is taken from. */
export const mismatchedInputs: InputSpecs = {
  policyKlLogps: { shape: 'M', kind: 'logps' },
  referenceKlLogps: { shape: 'M', kind: 'reference' },
};

/**
 * w·σ(−s·u): how far reward u is from the side it should be on (s = +1: high, −1: low). What KTO, its baseline-free form and
 * DVO's KTO variant share.
 */
export function regret(sign: Term, weight: Term, reward: Term): Term {
  return sigmoid(sign.times(reward).negated()).times(weight);
}

/** +1 where a label is positive, −1 elsewhere, with the weight of its class. */
export function labelled(
  labels: Term,
  desirableWeight: number,
  undesirableWeight: number,
): { readonly sign: Term; readonly weight: Term } {
  const desirable = positive(labels);
  return {
    sign: desirable.times(2).minus(1),
    weight: term(undesirableWeight).plus(desirable.times(desirableWeight - undesirableWeight)),
  };
}

/** z = max(0, Σ Δ / divisor) over mismatched pairs: KTO's baseline in nats, without gradient. */
export function klBaseline(logRatios: Term, divisor: Term): Term {
  return stop(relu(sum(logRatios).over(divisor)));
}
