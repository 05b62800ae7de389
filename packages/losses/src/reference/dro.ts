import { sum } from './numerics.ts';
import type { Reference, Vector } from './types.ts';

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

/** ½(r − V − τΔ)², gradient to the policy */
export function droPolicyLoss(inputs: DroArrays, options: DroArrayOptions = {}): Reference<'policyLogps'> {
  const { value, misses, n } = halfSquares(inputs, options);
  return { value, gradients: { policyLogps: misses.map((miss) => (-(options.tau ?? 1) * miss) / n) } };
}

/** ½(r − V − τΔ)², gradient to the values */
export function droValueLoss(inputs: DroArrays, options: DroArrayOptions = {}): Reference<'values'> {
  const { value, misses, n } = halfSquares(inputs, options);
  return { value, gradients: { values: misses.map((miss) => -miss / n) } };
}

function halfSquares(
  { policyLogps, referenceLogps, values, rewards }: DroArrays,
  { tau = 1, scale = 1, normalizer }: DroArrayOptions,
) {
  const n = (normalizer ?? Math.max(rewards.length, 1)) / scale;
  const misses = rewards.map((r, i) => r - values[i] - tau * (policyLogps[i] - referenceLogps[i]));
  return { n, misses, value: sum(misses.map((miss) => 0.5 * miss ** 2)) / n };
}
