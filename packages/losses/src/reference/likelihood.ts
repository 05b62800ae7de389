/** SFT and the value losses: what is regressed or maximised slot by slot. */

import { assertOptions } from '@svo/files';
import { defaults } from '../shared/defaults.ts';
import { type Averaging, average } from './shared/reduce.ts';
import type { Matrix, Reference } from './shared/types.ts';

/** The options of `sftLoss` and `dftLoss`. */
export interface SftArrayOptions {
  readonly reduction?: 'flat' | 'row' | 'sum';
  readonly normalizer?: number;
}

/**
 * L = −Σ_t log π(a_t) / N over valid tokens, or as the reduction says; ∂L/∂log π(a_t) = −1/N.
 *
 * Shapes: both inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { sftLoss } from '@svo/losses/reference';
 * sftLoss({ policyLogps: [[-1, -2]], mask: [[1, 1]] }).value.toFixed(6); // => '1.500000'
 * ```
 */
export function sftLoss(
  { policyLogps, mask }: { readonly policyLogps: Matrix; readonly mask: Matrix },
  options: SftArrayOptions = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('sftLoss', options, ['reduction', 'normalizer']);
  const { reduction = 'flat', normalizer } = options;
  const { value, slopes } = average(mask, { logp: policyLogps }, { reduction, normalizer }, ({ logp }) => ({
    loss: -logp,
    slope: -1,
  }));
  return { value, gradients: { policyLogps: slopes } };
}

/**
 * L = −Σ_t sg[π(a_t)]·log π(a_t) / N, or as the reduction says; ∂L/∂log π(a_t) = −π(a_t)/N (DFT, 2508.05629).
 * `frozen` holds the log-probs that sg[·] reads.
 *
 * Shapes: both inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { dftLoss } from '@svo/losses/reference';
 * dftLoss({ policyLogps: [[Math.log(0.5)]], mask: [[1]] }).value.toFixed(6); // => '0.346574'
 * ```
 */
export function dftLoss(
  { policyLogps, mask }: { readonly policyLogps: Matrix; readonly mask: Matrix },
  options: SftArrayOptions = {},
  frozen: { readonly policyLogps: Matrix } = { policyLogps },
): Reference<'policyLogps', Matrix> {
  assertOptions('dftLoss', options, ['reduction', 'normalizer']);
  const { reduction = 'flat', normalizer } = options;
  const tokens = { logp: policyLogps, stopped: frozen.policyLogps };
  const { value, slopes } = average(mask, tokens, { reduction, normalizer }, ({ logp, stopped }) => {
    const prob = Math.exp(stopped);
    return { loss: -prob * logp, slope: -prob };
  });
  return { value, gradients: { policyLogps: slopes } };
}

/** The inputs of the value losses, [B, S]. */
export interface ValueArrays {
  readonly values: Matrix;
  readonly targets: Matrix;
  readonly mask: Matrix;
}

/** The options of the value losses; each reads those it has. */
export interface ValueArrayOptions {
  readonly scale?: number;
  readonly reduction?: 'row' | 'flat';
  readonly clip?: number;
  readonly normalizer?: number;
}

/**
 * L = scale · mean_i mean_t (V_t − y_t)², or one flat mean; ∂L/∂V_t = 2·scale·(V_t − y_t)/(N·n_i)
 * (DVO, 2502.13723, section 4.4; SVPO, 2406.10858, eq. 7).
 *
 * Shapes: all inputs [B, S]; gradient on `values` [B, S].
 * @example
 * ```ts
 * import { valueLoss } from '@svo/losses/reference';
 * valueLoss({ values: [[0.5, 0]], targets: [[1, 1]], mask: [[1, 1]] }).value.toFixed(6); // => '0.625000'
 * ```
 */
export function valueLoss(inputs: ValueArrays, options: ValueArrayOptions = {}): Reference<'values', Matrix> {
  assertOptions('valueLoss', options, ['scale', 'reduction', 'normalizer']);
  const { scale = 1, reduction = 'row', normalizer } = options;
  return squares(inputs, scale, reduction, normalizer);
}

/**
 * L = scale · mean_i Σ_t (V_t − y_t)², a sum over tokens; ∂L/∂V_t = 2·scale·(V_t − y_t)/N (OVM, 2311.09724).
 *
 * Shapes: all inputs [B, T]; gradient on `values` [B, T].
 * @example
 * ```ts
 * import { outcomeValueLoss } from '@svo/losses/reference';
 * outcomeValueLoss({ values: [[0.5, 0]], targets: [[1, 1]], mask: [[1, 1]] }).value.toFixed(6); // => '1.250000'
 * ```
 */
export function outcomeValueLoss(
  inputs: ValueArrays,
  options: Omit<ValueArrayOptions, 'reduction'> = {},
): Reference<'values', Matrix> {
  assertOptions('outcomeValueLoss', options, ['scale', 'normalizer']);
  const { scale = 1, normalizer } = options;
  return squares(inputs, scale, 'sum', normalizer);
}

/**
 * L = scale · mean_i mean_t max((V − y)², (V_old + clamp(V − V_old, ±ε) − y)²), scale ½, ε 0.2 by default (PPO's public code).
 * ∂L/∂V = 2·scale·(V − y)/(N·n_i), or 0 where the clipped error is the larger one.
 *
 * Shapes: all inputs [B, S]; gradient on `values` [B, S].
 * @example
 * ```ts
 * import { clippedValueLoss } from '@svo/losses/reference';
 * const rows = { values: [[0.9, 0]], oldValues: [[0, 0]], targets: [[1, 1]], mask: [[1, 1]] };
 * clippedValueLoss(rows).value.toFixed(6); // => '0.410000'
 * ```
 */
export function clippedValueLoss(
  { values, oldValues, targets, mask }: ValueArrays & { readonly oldValues: Matrix },
  options: ValueArrayOptions = {},
): Reference<'values', Matrix> {
  assertOptions('clippedValueLoss', options, ['clip', 'scale', 'reduction', 'normalizer']);
  const { clip = defaults.clip, scale = 0.5, reduction = 'row', normalizer } = options;
  const steps = { v: values, old: oldValues, y: targets };
  const { value, slopes } = average(mask, steps, { reduction, normalizer }, ({ v, old, y }) => {
    const free = (v - y) ** 2;
    const held = Math.abs(v - old) < clip ? free : (old + Math.sign(v - old) * clip - y) ** 2;
    return { loss: scale * Math.max(free, held), slope: held > free ? 0 : 2 * scale * (v - y) };
  });
  return { value, gradients: { values: slopes } };
}

function squares(
  { values, targets, mask }: ValueArrays,
  scale: number,
  reduction: Averaging,
  normalizer: number | undefined,
): Reference<'values', Matrix> {
  const { value, slopes } = average(mask, { v: values, y: targets }, { reduction, normalizer }, ({ v, y }) => ({
    loss: scale * (v - y) ** 2,
    slope: 2 * scale * (v - y),
  }));
  return { value, gradients: { values: slopes } };
}
