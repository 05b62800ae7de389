import { assertOptions } from '@svo/files';
import { sum } from '../shared/numerics.ts';
import { entries } from '../shared/reduce.ts';
import type { Reference, Vector } from '../shared/types.ts';

/** The inputs of both DRO losses, [B]. */
export interface DroArrays {
  readonly policyLogps: Vector;
  readonly referenceLogps: Vector;
  readonly values: Vector;
  readonly rewards: Vector;
}

/** The options of both DRO losses. */
export interface DroArrayOptions {
  readonly tau?: number;
  readonly scale?: number;
  readonly normalizer?: number;
}

/**
 * L = scale · mean ½(r − V − τΔ)²; ∂L/∂log π(y) = −scale·τ(r − V − τΔ)/B (DRO, 2405.19107, eq. 4).
 *
 * Shapes: all inputs [B]; gradient on `policyLogps` [B].
 * @example
 * ```ts
 * import { droPolicyLoss } from '@svo/losses/reference';
 * const responses = { policyLogps: [-7, -3], referenceLogps: [-6, -4], values: [0.2, -0.4], rewards: [1, -1] };
 * droPolicyLoss(responses).value.toFixed(6); // => '1.450000'
 * ```
 */
export function droPolicyLoss(inputs: DroArrays, options: DroArrayOptions = {}): Reference<'policyLogps'> {
  assertOptions('droPolicyLoss', options, ['tau', 'scale', 'normalizer']);
  const { value, misses, n } = halfSquares(inputs, options);
  return { value, gradients: { policyLogps: misses.map((miss) => (-(options.tau ?? 1) * miss) / n) } };
}

/**
 * L = scale · mean ½(r − V − τΔ)²; ∂L/∂V = −scale·(r − V − τΔ)/B (DRO, 2405.19107, eq. 4).
 *
 * Shapes: all inputs [B]; gradient on `values` [B].
 * @example
 * ```ts
 * import { droValueLoss } from '@svo/losses/reference';
 * const responses = { policyLogps: [-7, -3], referenceLogps: [-6, -4], values: [0.2, -0.4], rewards: [1, -1] };
 * droValueLoss(responses).value.toFixed(6); // => '1.450000'
 * ```
 */
export function droValueLoss(inputs: DroArrays, options: DroArrayOptions = {}): Reference<'values'> {
  assertOptions('droValueLoss', options, ['tau', 'scale', 'normalizer']);
  const { value, misses, n } = halfSquares(inputs, options);
  return { value, gradients: { values: misses.map((miss) => -miss / n) } };
}

function halfSquares(
  { policyLogps, referenceLogps, values, rewards }: DroArrays,
  { tau = 1, scale = 1, normalizer }: DroArrayOptions,
) {
  const n = (normalizer ?? Math.max(rewards.length, 1)) / scale;
  const responses = entries({ reward: rewards, value: values, policy: policyLogps, reference: referenceLogps });
  const misses = responses.map(({ reward, value, policy, reference }) => reward - value - tau * (policy - reference));
  return { n, misses, value: sum(misses.map((miss) => 0.5 * miss ** 2)) / n };
}
