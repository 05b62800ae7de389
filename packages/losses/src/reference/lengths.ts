/** The pair losses that can divide by the number of tokens. */
import { logSigmoid, sigmoid, softplus, sum } from './numerics.ts';
import type { PairArrayOptions, PairArrays, PairReference } from './pairs.ts';
import type { Vector } from './types.ts';

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
export function normalizedDpoLoss(
  inputs: PairArrays & LengthArrays,
  { beta = 0.1, normalizer }: PairArrayOptions = {},
): PairReference {
  return perToken(logRatios(inputs), inputs, normalizer, (h) => [softplus(-beta * h), -beta * sigmoid(-beta * h)]);
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
  { beta = 10, margin = 3, normalizer }: PairArrayOptions & { readonly margin?: number } = {},
): PairReference {
  const sides = inputs.policyChosenLogps.map((logp, i) => [logp, inputs.policyRejectedLogps[i]!] as const);
  return perToken(sides, inputs, normalizer, (h) => [softplus(margin - beta * h), -beta * sigmoid(margin - beta * h)]);
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
export function ipoLoss(
  inputs: PairArrays & Partial<LengthArrays>,
  { beta = 0.1, normalizer }: PairArrayOptions = {},
): PairReference {
  return perToken(logRatios(inputs), inputs, normalizer, (h) => [(h - 0.5 / beta) ** 2, 2 * (h - 0.5 / beta)]);
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
  {
    beta = 10,
    margin = 3,
    alpha = 0.25,
    normalizer,
  }: PairArrayOptions & { readonly margin?: number; readonly alpha?: number } = {},
): PairReference {
  const sides: Sides = inputs.policyChosenLogps.map((logp, i) => [
    logp / Math.max(inputs.chosenLengths[i]!, 1),
    inputs.policyRejectedLogps[i]! / Math.max(inputs.rejectedLengths[i]!, 1),
  ]);
  const n = normalizer ?? Math.max(sides.length, 1);
  const rows = sides.map(([w, l], i) => {
    const share = (inputs.pairWeights?.[i] ?? 1) / n;
    if (share === 0) return { loss: 0, chosen: 0, rejected: 0 };
    const short = margin - beta * rewardGap(w, l, alpha);
    // In log space: apart, σ is 0 where the power is ∞.
    const slope = (score: number): number => beta * share * Math.exp(logSigmoid(short) - alpha * score);
    return {
      loss: share * softplus(short),
      chosen: -slope(w) / Math.max(inputs.chosenLengths[i]!, 1),
      rejected: slope(l) / Math.max(inputs.rejectedLengths[i]!, 1),
    };
  });
  return {
    value: sum(rows.map(({ loss }) => loss)),
    gradients: {
      policyChosenLogps: rows.map(({ chosen }) => chosen),
      policyRejectedLogps: rows.map(({ rejected }) => rejected),
    },
  };
}

/** (e^{−αl} − e^{−αw})/α from the larger of the two, so that equal ones give 0 however large. */
function rewardGap(w: number, l: number, alpha: number): number {
  if (alpha === 0 || w === l) return w - l;
  const [low, high] = [Math.min(-alpha * w, -alpha * l), Math.max(-alpha * w, -alpha * l)];
  const size = -Math.exp(high) * Math.expm1(low - high);
  return (-alpha * l > -alpha * w ? size : -size) / alpha;
}

type Sides = readonly (readonly [chosen: number, rejected: number])[];

const logRatios = (inputs: PairArrays): Sides =>
  inputs.policyChosenLogps.map((logp, i) => [
    logp - inputs.referenceChosenLogps[i]!,
    inputs.policyRejectedLogps[i]! - inputs.referenceRejectedLogps[i]!,
  ]);

/** Σ w·term(chosen/n_w − rejected/n_l) / n, `term` giving a loss and its derivative. */
function perToken(
  sides: Sides,
  { chosenLengths, rejectedLengths, pairWeights }: Partial<LengthArrays> & Pick<PairArrays, 'pairWeights'>,
  normalizer: number | undefined,
  term: (margin: number) => readonly [loss: number, slope: number],
): PairReference {
  const n = normalizer ?? Math.max(sides.length, 1);
  const rows = sides.map(([chosen, rejected], i) => {
    const [chosenTokens, rejectedTokens] = [chosenLengths, rejectedLengths].map((row) => Math.max(row?.[i] ?? 1, 1));
    const [loss, slope] = term(chosen / chosenTokens! - rejected / rejectedTokens!);
    const share = (pairWeights?.[i] ?? 1) / n;
    if (share === 0) return { loss: 0, chosen: 0, rejected: 0 };
    return {
      loss: share * loss,
      chosen: (share * slope) / chosenTokens!,
      rejected: (-share * slope) / rejectedTokens!,
    };
  });
  return {
    value: sum(rows.map(({ loss }) => loss)),
    gradients: {
      policyChosenLogps: rows.map(({ chosen }) => chosen),
      policyRejectedLogps: rows.map(({ rejected }) => rejected),
    },
  };
}
