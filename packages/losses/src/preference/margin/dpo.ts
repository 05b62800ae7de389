import { softplus } from '../../formula/operations.ts';
import type { Term } from '../../formula/term.ts';
import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type Pair, type PairInputs, type PairOptions, pairLoss } from '../pair-loss.ts';

/** Options of `dpoLoss`. */
export interface DpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** ε, the chance that a label is wrong: 0 by default. */
  readonly labelSmoothing?: number;
}

/**
 * Direct Preference Optimization.
 *
 * L = mean −log σ(x) = mean softplus(−x), x = β(Δ_w − Δ_l), Δ = log π_θ − log π_ref of a whole completion
 * (DPO, 2305.18290, eq. 7). ∂L/∂log π_θ(y_w) = −β·σ(−x)/B, and minus that for y_l.
 *
 * ln 2 where policy and reference agree; L(x) − L(−x) = −x; convex and strictly falling in x. With `labelSmoothing` ε this is
 * conservative DPO, softplus(−x) + ε·x (see `conservativeDpoLoss`).
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or ε outside [0, ½]
 * @example
 * ```ts
 * import { dpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * dpoLoss(pairs).dataSync()[0]!.toFixed(6); // => '0.598139'
 * ```
 */
export const dpoLoss: Loss<PairInputs, DpoOptions> = pairLoss(
  {
    name: 'dpoLoss',
    source: 'DPO, 2305.18290, eq. 7',
    options: { beta: is.beta(), labelSmoothing: smoothing(0) },
    golden: ['dpo.sigmoid', 'dpo.sigmoid.eps0.0', 'dpo.sigmoid.eps0.1', 'dpo.sigmoid.eps0.3'],
  },
  smoothed,
);

/** softplus(−x) + ε·x: what `dpoLoss`, `conservativeDpoLoss` and `stepDpoLoss` share. */
export function smoothed(
  { margin }: Pair,
  { beta, labelSmoothing }: { readonly beta: number; readonly labelSmoothing: number },
): Term {
  const x = margin.times(beta);
  return softplus(x.negated()).plus(x.times(labelSmoothing));
}

/** ε, the chance that a label is wrong. */
export function smoothing(initial: number): is.OptionSpec {
  return is.within(initial, [0, 0.5], 'epsilonSymbol');
}
