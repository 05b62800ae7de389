import type { Tensor } from '@svo/tensor';
import { atLeast, atMost, difference, exp, select, through } from '../formula/operations.ts';
import type { Term } from '../formula/term.ts';
import type { Terms } from '../manifest/define-loss.ts';
import type { InputSpecs, OptionSpecs } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { defaults } from '../shared/defaults.ts';

/** What the policy-gradient losses take, all [B, T]. */
export interface PolicyGradientInputs {
  /** log π_θ of each token, nats; carries gradient. */
  readonly policyLogps: Tensor;
  /** log μ of each token under the policy that drew it, nats; data. The policy's own, where the data are fresh. */
  readonly behaviorLogps: Tensor;
  /** Â of each token: its step's, or one number for the whole response; data. */
  readonly advantages: Tensor;
  /** 1 on the response's tokens. */
  readonly mask: Tensor;
  /** ≥ 0, multiplies each token's term: `truncatedWeights`, where the engine that drew is not the one that trains; all 1 by default. */
  readonly tokenWeights?: Tensor;
}

/** Options of the clipped losses. */
export interface ClipOptions {
  /** ε_low: below 1 − ε_low the ratio of a token with Â < 0 is cut, and gets no gradient. In [0, 1]; at 1 nothing is cut. */
  readonly clipLow?: number;
  /** ε_high: above 1 + ε_high the ratio of a token with Â > 0 is cut, and gets no gradient. */
  readonly clipHigh?: number;
  /** c: above it the ratio of a token with Â < 0 is cut too (dual clip, 1912.09729); never by default. */
  readonly dualClip?: number;
}

/** The inputs of them all. */
export const policyGradientInputs: InputSpecs = {
  policyLogps: { shape: 'B T', kind: 'logps', trained: true },
  behaviorLogps: { shape: 'B T', kind: 'logps' },
  advantages: { shape: 'B T', kind: 'rewards' },
  mask: { shape: 'B T', kind: 'mask' },
  tokenWeights: { shape: 'B T', kind: 'weights', optional: true },
};

/** The options of the clipped ones. */
export const clipOptions = (clipLow: number = defaults.clip, clipHigh: number = defaults.clip): OptionSpecs => ({
  clipLow: is.within(clipLow, [0, 1], 'l'),
  clipHigh: is.positive(clipHigh, 'a ratio may rise by it before it is cut', 'h'),
  dualClip: is.positive(Number.POSITIVE_INFINITY, 'the largest ratio of a token with a negative advantage'),
});

/** −Â·w of each token, 0 where masked. */
export function costs(x: Terms<Omit<PolicyGradientInputs, 'behaviorLogps'>>): Term {
  const advantages = select(x.mask, x.advantages, 0).negated();
  return x.tokenWeights === undefined ? advantages : advantages.times(select(x.mask, x.tokenWeights, 0));
}

/** log π_θ/μ of each token, 0 where masked. */
export const logRatios = (x: Terms<PolicyGradientInputs>): Term => difference(x.mask, x.policyLogps, x.behaviorLogps);

/**
 * max(−Â·ρ, −Â·clip(ρ, 1 − ε_low, 1 + ε_high)) of each token, ρ = e^{log-ratio}: for Â > 0 the ratio counts up to 1 + ε_high, for Â < 0 from
 * 1 − ε_low on, up to c. Cut as logs, so that what is cut never overflows; what is not may be ∞, and costs nothing where Â is 0. A NaN stays.
 */
export function clipped(cost: Term, logRatio: Term, { clipLow, clipHigh, dualClip }: Required<ClipOptions>): Term {
  const rising = atMost(logRatio, Math.log1p(clipHigh));
  const falling = atLeast(logRatio, Math.log1p(-clipLow));
  const bounded = dualClip === Number.POSITIVE_INFINITY ? falling : atMost(falling, Math.log(dualClip));
  return through(cost, exp(select(cost, bounded, rising))).plus(logRatio.times(0));
}
