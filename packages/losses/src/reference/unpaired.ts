/** KTO, and APO-zero without pairs. */

import { assertOptions } from '@svo/files';
import { defaults } from '../shared/defaults.ts';
import { sigmoid, sum } from './shared/numerics.ts';
import { entries } from './shared/reduce.ts';
import type { Reference, Vector } from './shared/types.ts';

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
  const logRatios = entries({ policy, reference }).map(({ policy, reference }) => policy - reference);
  const counted = divisor === 'all' ? logRatios.length : logRatios.filter((logRatio) => logRatio !== 0).length;
  return Math.max(0, sum(logRatios) / Math.max(counted, 1));
}

/**
 * L = mean λ_D·σ(−u) where desirable, λ_U·σ(u) where not, u = β(Δ − z), z = max(0, Σ_j Δ_j / divisor) over mismatched pairs.
 * ∂L/∂log π(y_i) = ∓λβ·σ(u)σ(−u)/B; nothing through z (KTO, 2402.01306, eq. 7).
 *
 * Shapes: `policyLogps` `referenceLogps` `labels` [B], `policyKlLogps` `referenceKlLogps` [M]; gradient on `policyLogps` [B].
 * @example
 * ```ts
 * import { ktoLoss } from '@svo/losses/reference';
 * const examples = { policyLogps: [-10, -15], referenceLogps: [-12, -15], labels: [1, 0] };
 * const mismatched = { policyKlLogps: [-30, -32], referenceKlLogps: [-30, -33] };
 * ktoLoss({ ...examples, ...mismatched }).value.toFixed(6); // => '0.475036'
 * ```
 */
export function ktoLoss(inputs: KtoArrays, options: KtoArrayOptions = {}): Reference<'policyLogps'> {
  assertOptions('ktoLoss', options, ['beta', 'desirableWeight', 'undesirableWeight', 'klDivisor', 'normalizer']);
  return valued(inputs, klBaseline(inputs.policyKlLogps, inputs.referenceKlLogps, options.klDivisor ?? 'all'), options);
}

/**
 * L = mean λ_D·σ(−βΔ) where desirable, λ_U·σ(βΔ) where not: KTO with z = 0.
 * ∂L/∂log π(y_i) = ∓λβ·σ(βΔ)σ(−βΔ)/B (APO, 2408.06266; TRL's `apo_zero_unpaired`).
 *
 * Shapes: all inputs [B]; gradient on `policyLogps` [B].
 * @example
 * ```ts
 * import { apoZeroUnpairedLoss } from '@svo/losses/reference';
 * const examples = { policyLogps: [-10, -15], referenceLogps: [-12, -15], labels: [1, 0] };
 * apoZeroUnpairedLoss(examples).value.toFixed(6); // => '0.475083'
 * ```
 */
export function apoZeroUnpairedLoss(
  inputs: Pick<KtoArrays, 'policyLogps' | 'referenceLogps' | 'labels'>,
  options: Omit<KtoArrayOptions, 'klDivisor'> = {},
): Reference<'policyLogps'> {
  assertOptions('apoZeroUnpairedLoss', options, ['beta', 'desirableWeight', 'undesirableWeight', 'normalizer']);
  return valued(inputs, 0, options);
}

function valued(
  { policyLogps, referenceLogps, labels }: Pick<KtoArrays, 'policyLogps' | 'referenceLogps' | 'labels'>,
  z: number,
  { beta = defaults.beta, desirableWeight = 1, undesirableWeight = 1, normalizer }: Omit<KtoArrayOptions, 'klDivisor'>,
): Reference<'policyLogps'> {
  const n = normalizer ?? Math.max(policyLogps.length, 1);
  const examples = entries({ policy: policyLogps, reference: referenceLogps, label: labels });
  const terms = examples.map(({ policy, reference, label }) => {
    const u = beta * (policy - reference - z);
    const slope = beta * sigmoid(u) * sigmoid(-u);
    return label > 0
      ? { loss: desirableWeight * sigmoid(-u), slope: -desirableWeight * slope }
      : { loss: undesirableWeight * sigmoid(u), slope: undesirableWeight * slope };
  });
  return {
    value: sum(terms.map(({ loss }) => loss)) / n,
    gradients: { policyLogps: terms.map(({ slope }) => slope / n) },
  };
}
