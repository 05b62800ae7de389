/** DPO and the losses of its margin, one line of mathematics a loss: (Δ_w, Δ_l) ↦ [ℓ, ∂ℓ/∂Δ_w, ∂ℓ/∂Δ_l]. */

import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { logSigmoid, sigmoid, sum } from '../shared/numerics.ts';
import { entries } from '../shared/reduce.ts';
import type { Reference, Vector } from '../shared/types.ts';

/** The four inputs of a pair loss, [B]. */
export interface PairArrays {
  readonly policyChosenLogps: Vector;
  readonly policyRejectedLogps: Vector;
  readonly referenceChosenLogps: Vector;
  readonly referenceRejectedLogps: Vector;
  readonly pairWeights?: Vector;
}

/** Options shared by the pair losses; each loss reads those it has. */
export interface PairArrayOptions {
  readonly beta?: number;
  readonly labelSmoothing?: number;
  readonly normalizer?: number;
}

/** Value and gradient of a pair loss. */
export type PairReference = Reference<'policyChosenLogps' | 'policyRejectedLogps'>;

/** A pair: Δ_w and Δ_l, or the log-probs themselves where a loss has no reference, and how much it counts. */
export interface Pair {
  readonly w: number;
  readonly l: number;
  readonly weight?: number | undefined;
}

type Terms = readonly [loss: number, byChosen: number, byRejected: number];

/** The log-ratios of every pair. */
export const logRatios = (inputs: PairArrays): Pair[] =>
  entries({
    chosen: inputs.policyChosenLogps,
    rejected: inputs.policyRejectedLogps,
    referenceChosen: inputs.referenceChosenLogps,
    referenceRejected: inputs.referenceRejectedLogps,
    weight: inputs.pairWeights,
  }).map(({ chosen, rejected, referenceChosen, referenceRejected, weight }) => ({
    w: chosen - referenceChosen,
    l: rejected - referenceRejected,
    weight,
  }));

/** Σ over pairs of a term of (Δ_w, Δ_l) and its two derivatives, each times the pair's weight, over n. */
export const overPairs = (
  inputs: PairArrays,
  normalizer: number | undefined,
  term: (w: number, l: number) => Terms,
): PairReference => meanOf(logRatios(inputs), normalizer, ({ w, l }) => term(w, l));

/** The same over any pairs: a term and its derivatives by either side's log-prob. */
export function meanOf<Sides extends Pair>(
  pairs: readonly Sides[],
  normalizer: number | undefined,
  term: (pair: Sides) => Terms,
): PairReference {
  const n = normalizer ?? Math.max(pairs.length, 1);
  const terms = pairs.map((pair): Terms => {
    const { weight = 1 } = pair;
    if (weight === 0) return [0, 0, 0];
    const [loss, byChosen, byRejected] = term(pair);
    return [weight * loss, weight * byChosen, weight * byRejected];
  });
  return {
    value: sum(terms.map(([loss]) => loss)) / n,
    gradients: {
      policyChosenLogps: terms.map(([, byChosen]) => byChosen / n),
      policyRejectedLogps: terms.map(([, , byRejected]) => byRejected / n),
    },
  };
}

/**
 * L = mean −(1−ε)·log σ(x) − ε·log σ(−x), x = β(Δ_w − Δ_l); β 0.1, ε 0 by default.
 * ∂L/∂log π(y_w) = β(ε·σ(x) − (1−ε)·σ(−x))/B, minus that for y_l (DPO, 2305.18290, eq. 7).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { dpoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * dpoLoss(pair).value.toFixed(6); // => '0.598139'
 * ```
 */
export function dpoLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('dpoLoss', options, ['beta', 'labelSmoothing', 'normalizer']);
  const { beta = defaults.beta, labelSmoothing = 0, normalizer } = options;
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const slope = beta * (labelSmoothing * sigmoid(x) - (1 - labelSmoothing) * sigmoid(-x));
    return [-(1 - labelSmoothing) * logSigmoid(x) - labelSmoothing * logSigmoid(-x), slope, -slope];
  });
}

/**
 * `dpoLoss` with ε = 0.2 by default: L = mean −(1−ε)·log σ(x) − ε·log σ(−x).
 * The minimiser is x = log((1−ε)/ε) (Mitchell's note on DPO with noisy labels).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { conservativeDpoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * conservativeDpoLoss(pair).value.toFixed(6); // => '0.638139'
 * ```
 */
export function conservativeDpoLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('conservativeDpoLoss', options, ['beta', 'labelSmoothing', 'normalizer']);
  return dpoLoss(inputs, { labelSmoothing: 0.2, ...options });
}

/**
 * `dpoLoss` of one step's log-probs: L = mean −log σ(x).
 * The span differs, not the formula (Step-DPO, 2406.18629).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { stepDpoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * stepDpoLoss(pair, { beta: 0.5 }).value.toFixed(6); // => '0.313262'
 * ```
 */
export function stepDpoLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('stepDpoLoss', options, ['beta', 'labelSmoothing', 'normalizer']);
  return dpoLoss(inputs, options);
}

/**
 * L = mean [−(1−ε)·log σ(x) + ε·log σ(−x)]/(1−2ε), x = β(Δ_w − Δ_l); ε 0.1 by default.
 * ∂L/∂log π(y_w) = −β((1−ε)σ(−x) + ε·σ(x))/((1−2ε)B) (robust DPO, 2403.00409, section 3.1).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { robustDpoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * robustDpoLoss(pair).value.toFixed(6); // => '0.573139'
 * ```
 */
export function robustDpoLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('robustDpoLoss', options, ['beta', 'labelSmoothing', 'normalizer']);
  const { beta = defaults.beta, labelSmoothing = 0.1, normalizer } = options;
  const scale = 1 / (1 - 2 * labelSmoothing);
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const slope = -beta * scale * ((1 - labelSmoothing) * sigmoid(-x) + labelSmoothing * sigmoid(x));
    return [scale * (labelSmoothing * logSigmoid(-x) - (1 - labelSmoothing) * logSigmoid(x)), slope, -slope];
  });
}

/**
 * L = mean max(0, 1 − x), x = β(Δ_w − Δ_l).
 * ∂L/∂log π(y_w) = −β·1[x < 1]/B, minus that for y_l (SLiC-HF, 2305.10425, section 2).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { hingeLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * hingeLoss(pair).value.toFixed(6); // => '0.800000'
 * ```
 */
export function hingeLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('hingeLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.beta, normalizer } = options;
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    if (x >= 1) return [0, 0, 0];
    return [1 - x, -beta, beta];
  });
}

/**
 * L = mean KL((σ(x), σ(−x)) ‖ (1−ε, ε)), x = β(Δ_w − Δ_l); ε 0.001 by default.
 * ∂L/∂log π(y_w) = β·σ(x)σ(−x)(x − log((1−ε)/ε))/B (EXO, 2402.00856, eq. 16).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { exoPairLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * exoPairLoss(pair).value.toFixed(6); // => '2.422015'
 * ```
 */
export function exoPairLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('exoPairLoss', options, ['beta', 'labelSmoothing', 'normalizer']);
  const { beta = defaults.beta, labelSmoothing = 0.001, normalizer } = options;
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const loss =
      sigmoid(x) * (logSigmoid(x) - Math.log(1 - labelSmoothing)) +
      sigmoid(-x) * (logSigmoid(-x) - Math.log(labelSmoothing));
    const slope = beta * sigmoid(x) * sigmoid(-x) * (x - Math.log((1 - labelSmoothing) / labelSmoothing));
    return [loss, slope, -slope];
  });
}
