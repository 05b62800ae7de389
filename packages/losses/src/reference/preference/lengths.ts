/** The pair losses that can divide by the number of tokens. */

import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { logSigmoid, sigmoid, softplus } from '../shared/numerics.ts';
import { entries } from '../shared/reduce.ts';
import type { Vector } from '../shared/types.ts';
import { logRatios, meanOf, type Pair, type PairArrayOptions, type PairArrays, type PairReference } from './margin.ts';

/** Token counts of both sides, [B]. */
export interface LengthArrays {
  readonly chosenLengths: Vector;
  readonly rejectedLengths: Vector;
}

/**
 * L = mean softplus(−x), x = β(Δ_w/n_w − Δ_l/n_l); a length below 1 counts as 1.
 * ∂L/∂log π(y_w) = −βσ(−x)/(n_w·B), ∂L/∂log π(y_l) = βσ(−x)/(n_l·B) (TRL's `sigmoid_norm`).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { normalizedDpoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * const lengths = { chosenLengths: [2], rejectedLengths: [4] };
 * normalizedDpoLoss({ ...pair, ...lengths }).value.toFixed(6); // => '0.656350'
 * ```
 */
export function normalizedDpoLoss(inputs: PairArrays & LengthArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('normalizedDpoLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.beta, normalizer } = options;
  return perToken(withLengths(logRatios(inputs), inputs), normalizer, (h) => [
    softplus(-beta * h),
    -beta * sigmoid(-beta * h),
  ]);
}

/**
 * L = mean softplus(γ − β(log π(y_w)/n_w − log π(y_l)/n_l)); β 10, γ 3 by default.
 * ∂L/∂log π(y_w) = −βσ(−x)/(n_w·B), ∂L/∂log π(y_l) = βσ(−x)/(n_l·B) (SimPO, 2405.14734).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { simpoLoss } from '@svo/losses/reference';
 * const sums = { policyChosenLogps: [-2], policyRejectedLogps: [-4], chosenLengths: [4], rejectedLengths: [4] };
 * simpoLoss(sums).value.toFixed(6); // => '0.126928'
 * ```
 */
export function simpoLoss(
  inputs: Pick<PairArrays, 'policyChosenLogps' | 'policyRejectedLogps' | 'pairWeights'> & LengthArrays,
  options: PairArrayOptions & { readonly margin?: number } = {},
): PairReference {
  assertOptions('simpoLoss', options, ['beta', 'margin', 'normalizer']);
  const { beta = defaults.lengthBeta, margin = defaults.lengthMargin, normalizer } = options;
  return perToken(withLengths(logProbs(inputs), inputs), normalizer, (h) => [
    softplus(margin - beta * h),
    -beta * sigmoid(margin - beta * h),
  ]);
}

/**
 * L = mean (h − 1/(2β))², h = Δ_w − Δ_l, or Δ_w/n_w − Δ_l/n_l with lengths.
 * ∂L/∂log π(y_w) = 2(h − 1/(2β))/(n_w·B) (IPO, 2310.12036, eq. 17).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { ipoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * ipoLoss(pair).value.toFixed(6); // => '9.000000'
 * ```
 */
export function ipoLoss(inputs: PairArrays & Partial<LengthArrays>, options: PairArrayOptions = {}): PairReference {
  assertOptions('ipoLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.beta, normalizer } = options;
  return perToken(withLengths(logRatios(inputs), inputs), normalizer, (h) => [
    (h - 0.5 / beta) ** 2,
    2 * (h - 0.5 / beta),
  ]);
}

/**
 * L = mean softplus(γ − β(r_w − r_l)), r = (1 − e^{−αs})/α of s = log π(y)/n; α 0.25 by default, r = s where it is 0.
 * ∂L/∂log π(y_w) = −β·σ(γ − β(r_w − r_l))·e^{−αs_w}/(n_w·B), + with s_l for y_l; ±∞ where float64 ends, never NaN (AlphaPO, 2501.03884).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { alphaPoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], chosenLengths: [10], rejectedLengths: [10] };
 * alphaPoLoss(pair, { alpha: 0 }).value.toFixed(6); // => '1.313262'
 * ```
 */
export function alphaPoLoss(
  inputs: Omit<PairArrays, 'referenceChosenLogps' | 'referenceRejectedLogps'> & LengthArrays,
  options: PairArrayOptions & { readonly margin?: number; readonly alpha?: number } = {},
): PairReference {
  assertOptions('alphaPoLoss', options, ['beta', 'margin', 'alpha', 'normalizer']);
  const { beta = defaults.lengthBeta, margin = defaults.lengthMargin, alpha = 0.25, normalizer } = options;
  return meanOf(withLengths(logProbs(inputs), inputs), normalizer, ({ w, l, chosenLength, rejectedLength }) => {
    const [meanW, meanL] = [w / chosenLength, l / rejectedLength];
    const short = margin - beta * rewardGap(meanW, meanL, alpha);
    // In log space: apart, σ is 0 where the power is ∞.
    const slope = (score: number): number => beta * Math.exp(logSigmoid(short) - alpha * score);
    return [softplus(short), -slope(meanW) / chosenLength, slope(meanL) / rejectedLength];
  });
}

/** (e^{−αl} − e^{−αw})/α from the larger of the two, so that equal ones give 0 however large. */
function rewardGap(w: number, l: number, alpha: number): number {
  if (alpha === 0 || w === l) return w - l;
  const [low, high] = [Math.min(-alpha * w, -alpha * l), Math.max(-alpha * w, -alpha * l)];
  const size = -Math.exp(high) * Math.expm1(low - high);
  return (-alpha * l > -alpha * w ? size : -size) / alpha;
}

/** A pair with the number of tokens of either side; 1 where they are not counted. */
interface Counted extends Pair {
  readonly chosenLength: number;
  readonly rejectedLength: number;
}

/** A length below 1 counts as 1. */
const withLengths = (pairs: readonly Pair[], { chosenLengths, rejectedLengths }: Partial<LengthArrays>): Counted[] =>
  pairs.map((pair, i) => ({
    ...pair,
    chosenLength: Math.max(chosenLengths?.[i] ?? 1, 1),
    rejectedLength: Math.max(rejectedLengths?.[i] ?? 1, 1),
  }));

const logProbs = (inputs: Pick<PairArrays, 'policyChosenLogps' | 'policyRejectedLogps' | 'pairWeights'>): Pair[] =>
  entries({ w: inputs.policyChosenLogps, l: inputs.policyRejectedLogps, weight: inputs.pairWeights });

/** The mean of term(w/n_w − l/n_l), `term` giving a loss and its derivative. */
const perToken = (
  pairs: readonly Counted[],
  normalizer: number | undefined,
  term: (margin: number) => readonly [loss: number, slope: number],
): PairReference =>
  meanOf(pairs, normalizer, ({ w, l, chosenLength, rejectedLength }) => {
    const [loss, slope] = term(w / chosenLength - l / rejectedLength);
    return [loss, slope / chosenLength, -slope / rejectedLength];
  });
