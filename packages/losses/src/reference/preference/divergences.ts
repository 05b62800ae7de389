/** Pair losses of another curve or another divergence. */

import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { logSigmoid, sigmoid, softplus } from '../shared/numerics.ts';
import { overPairs, type PairArrayOptions, type PairArrays, type PairReference } from './margin.ts';

/**
 * L = mean (1−m)·softplus(−x) + m·e^{−x}, m = σ(x/τ), x = β(Δ_w − Δ_l); τ 0.05 by default. m·e^{−x} is taken in log space.
 * ∂L/∂x = m(1−m)(e^{−x} − softplus(−x))/τ − (1−m)σ(−x) − m·e^{−x}, over B (DiscoPOP, 2406.08414, eq. 5).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { discopopLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * discopopLoss(pair).value.toFixed(6); // => '0.814763'
 * ```
 */
export function discopopLoss(
  inputs: PairArrays,
  options: PairArrayOptions & { readonly temperature?: number } = {},
): PairReference {
  assertOptions('discopopLoss', options, ['beta', 'temperature', 'normalizer']);
  const { beta = defaults.beta, temperature = 0.05, normalizer } = options;
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const exponential = Math.exp(logSigmoid(x / temperature) - x);
    const loss = sigmoid(-x / temperature) * softplus(-x) + exponential;
    const throughGate =
      (sigmoid(-x / temperature) * (exponential - sigmoid(x / temperature) * softplus(-x))) / temperature;
    const slope = beta * (throughGate - sigmoid(-x / temperature) * sigmoid(-x) - exponential);
    return [loss, slope, -slope];
  });
}

/** The options of `divergenceDpoLoss`. */
export interface DivergenceArrayOptions extends PairArrayOptions {
  readonly divergence?: 'reverseKl' | 'forwardKl' | 'jensenShannon' | 'alpha';
  readonly alpha?: number;
}

/**
 * L = mean softplus(−β(u(Δ_w) − u(Δ_l))), u the score of the divergence: Δ, log σ(Δ) or (1 − e^{−αΔ})/α, α 0.5 by default.
 * ∂L/∂log π(y_w) = −β·σ(−x)·u′(Δ_w)/B, +u′(Δ_l) for y_l; ±∞ where float64 ends, never NaN (f-DPO, 2309.16240).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { divergenceDpoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * divergenceDpoLoss(pair, { divergence: 'jensenShannon' }).value.toFixed(6); // => '0.644397'
 * ```
 */
export function divergenceDpoLoss(inputs: PairArrays, options: DivergenceArrayOptions = {}): PairReference {
  assertOptions('divergenceDpoLoss', options, ['beta', 'divergence', 'alpha', 'normalizer']);
  const { beta = defaults.beta, divergence = 'reverseKl', alpha = 0.5, normalizer } = options;
  const order = { reverseKl: 0, forwardKl: 1, alpha, jensenShannon: Number.NaN }[divergence];
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * scoreGap(w, l, order);
    const logSlope = (delta: number): number => (Number.isNaN(order) ? logSigmoid(-delta) : -order * delta);
    const slope = (delta: number): number => beta * Math.exp(logSlope(delta) + logSigmoid(-x));
    return [softplus(-x), -slope(w), slope(l)];
  });
}

/** u(w) − u(l): log σ for the Jensen-Shannon divergence (NaN), Δ for α = 0, (1 − e^{−αΔ})/α else, as e^{−αl}(1 − e^{−α(w − l)})/α. */
function scoreGap(w: number, l: number, alpha: number): number {
  if (Number.isNaN(alpha)) return logSigmoid(w) - logSigmoid(l);
  if (alpha === 0 || w === l) return w - l;
  const exponent = alpha * (w - l);
  if (exponent > 0) return (-Math.exp(-alpha * l) * Math.expm1(-exponent)) / alpha;
  return (Math.exp(-alpha * w) * Math.expm1(exponent)) / alpha;
}
