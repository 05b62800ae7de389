/** Policy gradients on tokens: PPO's clipped surrogate and its relatives, from the papers. */

import { assertOptions } from '@svo/files';
import { defaults } from '../shared/defaults.ts';
import { type Averaging, average, slots, type Term } from './shared/reduce.ts';
import type { Matrix, Reference } from './shared/types.ts';

/** The inputs of the policy-gradient losses, [B, T]. */
export interface PolicyGradientArrays {
  readonly policyLogps: Matrix;
  /** Not read by `reinforceLoss`. */
  readonly behaviorLogps?: Matrix;
  readonly advantages: Matrix;
  readonly mask: Matrix;
  readonly tokenWeights?: Matrix;
}

/** The options of the policy-gradient losses; each reads those it has. */
export interface PolicyGradientArrayOptions {
  readonly clipLow?: number;
  readonly clipHigh?: number;
  readonly dualClip?: number;
  readonly length?: number;
  readonly reduction?: Averaging;
  readonly normalizer?: number;
}

/** A token: log π_θ, what sg[·] reads of it, log μ (0 where it is not given), and Â·w. */
interface Token {
  readonly policy: number;
  readonly stopped: number;
  readonly behavior: number;
  readonly gain: number;
  /** (1/T)·Σ log π/μ of its response, as sg[·] reads it. */
  readonly meanLogRatio: number;
}

/** Averages a loss over tokens; `term` gives its value and its slope on log π_θ. */
function overTokens(
  { policyLogps, behaviorLogps, advantages, mask, tokenWeights }: PolicyGradientArrays,
  averaging: { readonly reduction: Averaging; readonly normalizer?: number | undefined },
  term: (token: Token) => Term,
  frozen: { readonly policyLogps: Matrix } = { policyLogps },
): Reference<'policyLogps', Matrix> {
  const stopped = { stopped: frozen.policyLogps, behavior: behaviorLogps };
  const meanLogRatios = slots(mask, stopped).map((row) => {
    const logRatios = row.map(({ stopped, behavior = 0 }) => stopped - behavior);
    return logRatios.reduce((sum, x) => sum + x, 0) / row.length;
  });
  const tokens = {
    ...{ ...stopped, policy: policyLogps, advantage: advantages },
    ...{ weight: tokenWeights, meanLogRatio: meanLogRatios },
  };
  const { value, slopes } = average(mask, tokens, averaging, ({ advantage, weight = 1, behavior = 0, ...token }) =>
    term({ ...token, behavior, gain: advantage * weight }),
  );
  return { value, gradients: { policyLogps: slopes } };
}

/** 0·∞ is 0: a token of no advantage costs nothing, however far the ratio went. */
const times = (gain: number, ratio: number): number => (gain === 0 ? 0 : gain * ratio);

/** PPO's term: the smaller of Â·ρ and Â·clip(ρ), for Â < 0 no less than Â·c; its slope is −Â·ρ unless a bound is the smaller. */
function surrogate(gain: number, logRatio: number, clipLow: number, clipHigh: number, dualClip: number): Term {
  const ratio = Math.exp(logRatio);
  const inside = Math.min(Math.max(ratio, 1 - clipLow), 1 + clipHigh);
  const pessimistic = Math.min(times(gain, ratio), times(gain, inside));
  const bounded = gain < 0 ? Math.max(pessimistic, gain * dualClip) : pessimistic;
  const free =
    gain > 0 ? logRatio < Math.log1p(clipHigh) : logRatio > Math.log1p(-clipLow) && logRatio < Math.log(dualClip);
  return { loss: -bounded, slope: free ? -times(gain, ratio) : 0 };
}

/**
 * L = mean_i mean_t max(−Âρ, −Â·clip(ρ, 1 − ε_low, 1 + ε_high)), ρ = π/μ, ε = 0.2; ∂L/∂log π = −Âρ/(T_i·B), 0 where cut
 * (GRPO, 2402.03300, eq. 3; PPO, 1707.06347, eq. 7).
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { grpoLoss } from '@svo/losses/reference';
 * grpoLoss({ policyLogps: [[-1, -2]], behaviorLogps: [[-2, -2]], advantages: [[1, 1]], mask: [[1, 1]] }).value.toFixed(6); // => '-1.100000'
 * ```
 */
export function grpoLoss(
  inputs: PolicyGradientArrays,
  options: PolicyGradientArrayOptions = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('grpoLoss', options, ['clipLow', 'clipHigh', 'dualClip', 'reduction', 'normalizer']);
  const {
    clipLow = defaults.clip,
    clipHigh = defaults.clip,
    dualClip = Number.POSITIVE_INFINITY,
    reduction = 'row',
    normalizer,
  } = options;
  return overTokens(inputs, { reduction, normalizer }, ({ policy, behavior, gain }) =>
    surrogate(gain, policy - behavior, clipLow, clipHigh, dualClip),
  );
}

/**
 * L = −mean_i mean_t Â·log π; ∂L/∂log π = −Â/(T_i·B) (Williams 1992). Tokens are taken as fresh.
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { reinforceLoss } from '@svo/losses/reference';
 * reinforceLoss({ policyLogps: [[-1, -2]], advantages: [[1, 1]], mask: [[1, 1]] }).value.toFixed(6); // => '1.500000'
 * ```
 */
export function reinforceLoss(
  inputs: PolicyGradientArrays,
  options: PolicyGradientArrayOptions = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('reinforceLoss', options, ['reduction', 'normalizer']);
  const { reduction = 'row', normalizer } = options;
  return overTokens(inputs, { reduction, normalizer }, ({ policy, gain }) => ({
    loss: -times(gain, policy),
    slope: -gain,
  }));
}

/**
 * L = mean_i mean_t k, Δ = log π/π_ref: k1 = Δ, k2 = ½Δ², k3 = e^{−Δ} − 1 + Δ; slopes 1, Δ, 1 − e^{−Δ} (Schulman 2020; GRPO, 2402.03300, eq. 4).
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { klEstimateLoss } from '@svo/losses/reference';
 * klEstimateLoss({ policyLogps: [[-1]], referenceLogps: [[-2]], mask: [[1]] }).value.toFixed(6); // => '0.367879'
 * ```
 */
export function klEstimateLoss(
  { policyLogps, referenceLogps, mask }: Readonly<Record<'policyLogps' | 'referenceLogps' | 'mask', Matrix>>,
  options: {
    readonly estimator?: 'k1' | 'k2' | 'k3';
    readonly reduction?: Averaging;
    readonly normalizer?: number;
  } = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('klEstimateLoss', options, ['estimator', 'reduction', 'normalizer']);
  const { estimator = 'k3', reduction = 'row', normalizer } = options;
  const tokens = { policy: policyLogps, reference: referenceLogps };
  const { value, slopes } = average(mask, tokens, { reduction, normalizer }, ({ policy, reference }) => {
    const delta = policy - reference;
    if (estimator === 'k1') return { loss: delta, slope: 1 };
    if (estimator === 'k2') return { loss: 0.5 * delta * delta, slope: delta };
    return { loss: Math.expm1(-delta) + delta, slope: -Math.expm1(-delta) };
  });
  return { value, gradients: { policyLogps: slopes } };
}

/**
 * L = −mean over tokens of sg[clip(ρ, 1 − ε_low, 1 + ε_high)]·Â·log π, ε_low 1, ε_high 4; ∂L/∂log π = −clip(ρ)·Â/N (MiniMax-M1, 2506.13585).
 * `frozen` holds the log-probs that sg[·] reads.
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { cispoLoss } from '@svo/losses/reference';
 * cispoLoss({ policyLogps: [[-1, -2]], behaviorLogps: [[-4, -2]], advantages: [[1, 1]], mask: [[1, 1]] }).value.toFixed(6); // => '3.500000'
 * ```
 */
export function cispoLoss(
  inputs: PolicyGradientArrays,
  options: PolicyGradientArrayOptions = {},
  frozen: { readonly policyLogps: Matrix } = inputs,
): Reference<'policyLogps', Matrix> {
  assertOptions('cispoLoss', options, ['clipLow', 'clipHigh', 'reduction', 'normalizer']);
  const { clipLow = 1, clipHigh = 4, reduction = 'flat', normalizer } = options;
  return overTokens(
    inputs,
    { reduction, normalizer },
    ({ policy, stopped, behavior, gain }) => {
      const ratio = Math.exp(stopped - behavior);
      const weight = gain * Math.min(Math.max(ratio, 1 - clipLow), 1 + clipHigh);
      return { loss: -weight * policy, slope: -weight };
    },
    frozen,
  );
}

/**
 * `grpoLoss` with ε_high = 0.28 and one mean over all tokens (DAPO, 2503.14476, eq. 8).
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { dapoLoss } from '@svo/losses/reference';
 * dapoLoss({ policyLogps: [[-1, -2]], behaviorLogps: [[-2, -2]], advantages: [[1, 1]], mask: [[1, 1]] }).value.toFixed(6); // => '-1.140000'
 * ```
 */
export function dapoLoss(
  inputs: PolicyGradientArrays,
  options: PolicyGradientArrayOptions = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('dapoLoss', options, ['clipLow', 'clipHigh', 'dualClip', 'reduction', 'normalizer']);
  const { clipHigh = defaults.clipHigher, reduction = 'flat', ...others } = options;
  return grpoLoss(inputs, { clipHigh, reduction, ...others });
}

/**
 * `grpoLoss` with a response's terms summed and divided by a constant, `length` (Dr. GRPO, 2503.20783).
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { drGrpoLoss } from '@svo/losses/reference';
 * drGrpoLoss({ policyLogps: [[-1]], behaviorLogps: [[-1]], advantages: [[1]], mask: [[1]] }, { length: 10 }).value.toFixed(6); // => '-0.100000'
 * ```
 */
export function drGrpoLoss(
  inputs: PolicyGradientArrays,
  options: Omit<PolicyGradientArrayOptions, 'reduction'> = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('drGrpoLoss', options, ['clipLow', 'clipHigh', 'dualClip', 'length', 'normalizer']);
  const { length = 1, ...others } = options;
  const { value, gradients } = grpoLoss(inputs, { ...others, reduction: 'sum' });
  return {
    value: value / length,
    gradients: { policyLogps: gradients.policyLogps.map((row) => row.map((g) => g / length)) },
  };
}

/**
 * The clipped surrogate with one ratio a response, s = (Π_k π/μ)^{1/T}, ε_low 3e-4, ε_high 4e-4; ∂L/∂log π(a_t) = −Â_t·s/(T_i·B), 0 where cut
 * (GSPO-token, 2507.18071). `frozen` holds the log-probs that sg[·] reads.
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { gspoLoss } from '@svo/losses/reference';
 * gspoLoss({ policyLogps: [[-1, -2]], behaviorLogps: [[-2, -1]], advantages: [[1, 1]], mask: [[1, 1]] }).value.toFixed(6); // => '-1.000000'
 * ```
 */
export function gspoLoss(
  inputs: PolicyGradientArrays,
  options: PolicyGradientArrayOptions = {},
  frozen: { readonly policyLogps: Matrix } = inputs,
): Reference<'policyLogps', Matrix> {
  assertOptions('gspoLoss', options, ['clipLow', 'clipHigh', 'reduction', 'normalizer']);
  const { clipLow = 3e-4, clipHigh = 4e-4, reduction = 'row', normalizer } = options;
  const unbounded = Number.POSITIVE_INFINITY;
  return overTokens(
    inputs,
    { reduction, normalizer },
    ({ policy, stopped, gain, meanLogRatio }) =>
      surrogate(gain, meanLogRatio + (policy - stopped), clipLow, clipHigh, unbounded),
    frozen,
  );
}
