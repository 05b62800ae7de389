/** KTO, and APO-zero without pairs. */
import { sigmoid, sum } from './numerics.ts';
import type { Reference, Vector } from './types.ts';

/** The inputs of `ktoLoss`: [B], and [M] for the mismatched pairs. */
export interface KtoArrays {
  readonly policyLogps: Vector;
  readonly referenceLogps: Vector;
  readonly labels: Vector;
  readonly policyKlLogps: Vector;
  readonly referenceKlLogps: Vector;
}

/** The options of `ktoLoss`. */
export interface KtoArrayOptions {
  readonly beta?: number;
  readonly desirableWeight?: number;
  readonly undesirableWeight?: number;
  readonly klDivisor?: 'all' | 'nonzero';
  readonly normalizer?: number;
}

/** z = max(0, Σ_j Δ_j / divisor) */
export function klBaseline(policy: Vector, reference: Vector, divisor: 'all' | 'nonzero'): number {
  const logRatios = policy.map((logp, j) => logp - reference[j]);
  const counted = divisor === 'all' ? logRatios.length : logRatios.filter((logRatio) => logRatio !== 0).length;
  return Math.max(0, sum(logRatios) / Math.max(counted, 1));
}

/** λ_D (1 − σ(u)) or λ_U (1 − σ(−u)), u = β(Δ − z) */
export function ktoLoss(inputs: KtoArrays, options: KtoArrayOptions = {}): Reference<'policyLogps'> {
  return valued(inputs, klBaseline(inputs.policyKlLogps, inputs.referenceKlLogps, options.klDivisor ?? 'all'), options);
}

/** KTO with z = 0. */
export function apoZeroUnpairedLoss(
  inputs: Pick<KtoArrays, 'policyLogps' | 'referenceLogps' | 'labels'>,
  options: Omit<KtoArrayOptions, 'klDivisor'> = {},
): Reference<'policyLogps'> {
  return valued(inputs, 0, options);
}

function valued(
  { policyLogps, referenceLogps, labels }: Pick<KtoArrays, 'policyLogps' | 'referenceLogps' | 'labels'>,
  z: number,
  { beta = 0.1, desirableWeight = 1, undesirableWeight = 1, normalizer }: Omit<KtoArrayOptions, 'klDivisor'>,
): Reference<'policyLogps'> {
  const n = normalizer ?? Math.max(policyLogps.length, 1);
  const u = policyLogps.map((logp, i) => beta * (logp - referenceLogps[i] - z));
  const losses = u.map((x, i) => (labels[i] > 0 ? desirableWeight * sigmoid(-x) : undesirableWeight * sigmoid(x)));
  const slopes = u.map(
    (x, i) => (labels[i] > 0 ? -desirableWeight : undesirableWeight) * beta * sigmoid(x) * sigmoid(-x),
  );
  return { value: sum(losses) / n, gradients: { policyLogps: slopes.map((slope) => slope / n) } };
}
