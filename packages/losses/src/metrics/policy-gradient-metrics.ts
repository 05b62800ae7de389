import { assertOptions, assertShapes, type Tensor, tf } from '@svo/tensor';
import type { PolicyGradientInputs } from '../policy-gradient/clipped.ts';
import { assertPositive, assertRange } from '../shared/check.ts';
import { defaults } from '../shared/defaults.ts';
import { indicator, type Metrics, meanOver, metricsOf } from './means.ts';

/** Where ratios are cut, as in `grpoLoss`. */
interface ClipRange {
  readonly clipLow?: number;
  readonly clipHigh?: number;
}

type TokenMetric =
  | 'clip_ratio/low_mean'
  | 'clip_ratio/high_mean'
  | 'clip_ratio/region_mean'
  | 'kl/behavior'
  | 'ratio/mean'
  | 'advantages/mean'
  | 'logps/tokens';

/**
 * What to watch beside a policy gradient. All are flat means over the valid tokens of the batch; Δ = log π_θ − log μ, ρ = e^Δ:
 *
 * - `clip_ratio/low_mean`: the share of tokens with Â < 0 and ρ < 1 − ε_low; `clip_ratio/high_mean`: with Â > 0 and ρ > 1 + ε_high;
 *   `clip_ratio/region_mean` their sum: tokens that get no gradient from `grpoLoss` (TRL's names).
 * - `kl/behavior` = ρ − 1 − Δ ≥ 0: estimates KL(μ ‖ π_θ). Between the engine that drew and the one that trains, with the same weights, it
 *   should be about 0: the mismatch that `truncatedWeights` are for.
 * - `ratio/mean` = ρ, about 1 while the policy is near; `advantages/mean` = Â.
 * - `logps/tokens` = log π_θ of a token; its negative estimates the entropy where the data are fresh.
 * - `entropy/tokens` = H(π_θ(· | s_t)) exactly, where `entropies` are given, from `tokenEntropies`: a policy that collapses shows here first.
 *
 * A mean over nothing is 0.
 *
 * @param inputs - as of `grpoLoss`, all [B, T], and `entropies` beside them; `tokenWeights` are not read
 * @param options - `clipLow` and `clipHigh`, 0.2 both, the loss's
 * @throws ShapeError when an input is not [B, T]; RangeError for a clip out of range or an unknown option
 * @example
 * ```ts
 * import { policyGradientMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), behaviorLogps: row(-2, -2), advantages: row(1, 1), mask: row(1, 1) };
 * policyGradientMetrics(inputs)['clip_ratio/high_mean'].dataSync()[0]; // => 0.5
 * ```
 */
export function policyGradientMetrics(
  inputs: PolicyGradientInputs & { readonly entropies: Tensor },
  options?: ClipRange,
): Metrics<TokenMetric | 'entropy/tokens'>;
export function policyGradientMetrics(inputs: PolicyGradientInputs, options?: ClipRange): Metrics<TokenMetric>;
export function policyGradientMetrics(
  inputs: PolicyGradientInputs & { readonly entropies?: Tensor },
  options: ClipRange = {},
): Metrics<TokenMetric> {
  assertOptions('policyGradientMetrics', options, ['clipLow', 'clipHigh']);
  const { clipLow = defaults.clip, clipHigh = defaults.clip } = options;
  const { policyLogps, behaviorLogps, advantages, mask, entropies } = inputs;
  assertShapes('policyGradientMetrics', {
    policyLogps: [policyLogps, 'B T'],
    behaviorLogps: [behaviorLogps, 'B T'],
    advantages: [advantages, 'B T'],
    mask: [mask, 'B T'],
    ...(entropies !== undefined && { entropies: [entropies, 'B T'] as const }),
  });
  assertRange('policyGradientMetrics', 'clipLow', clipLow, { low: 0, high: 1, open: 'none' });
  assertPositive('policyGradientMetrics', 'clipHigh', clipHigh, 'a ratio may rise by it before it is cut');
  return metricsOf<TokenMetric>(() => {
    const logRatio = tf.sub(policyLogps, behaviorLogps);
    const above = tf.expm1(logRatio);
    const low = indicator(tf.logicalAnd(tf.less(above, -clipLow), tf.less(advantages, 0)));
    const high = indicator(tf.logicalAnd(tf.greater(above, clipHigh), tf.greater(advantages, 0)));
    return {
      'clip_ratio/low_mean': meanOver(mask, low),
      'clip_ratio/high_mean': meanOver(mask, high),
      'clip_ratio/region_mean': meanOver(mask, tf.add(low, high)),
      'kl/behavior': meanOver(mask, tf.sub(above, logRatio)),
      'ratio/mean': meanOver(mask, tf.add(above, 1)),
      'advantages/mean': meanOver(mask, advantages),
      'logps/tokens': meanOver(mask, policyLogps),
      ...(entropies !== undefined && { 'entropy/tokens': meanOver(mask, entropies) }),
    };
  });
}
