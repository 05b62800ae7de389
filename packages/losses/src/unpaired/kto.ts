import type { Tensor } from '@svo/tensor';
import { equal, sum } from '../formula/operations.ts';
import { size } from '../formula/term.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { atLeastOne } from '../shared/counts.ts';
import { klBaseline, labelled, mismatchedInputs, regret, unpairedInputs } from './regret.ts';

/** What `ktoLoss` compares: one completion an example, and mismatched ones for the baseline. */
export interface KtoInputs {
  /** log π_θ(y_i | x_i), summed over the completion, nats [B]; carries gradient. */
  readonly policyLogps: Tensor;
  /** log π_ref(y_i | x_i) [B]; data. */
  readonly referenceLogps: Tensor;
  /** 1 for a desirable completion, 0 (or −1) for an undesirable one [B]. */
  readonly labels: Tensor;
  /** log π_θ(y_j | x_i) of mismatched pairs, j ≠ i [M]; data. */
  readonly policyKlLogps: Tensor;
  /** log π_ref of the same mismatched pairs [M]; data. */
  readonly referenceKlLogps: Tensor;
}

/** Options of `ktoLoss`. */
export interface KtoOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** λ_D, 1 by default; the paper balances the classes so that λ_D n_D / (λ_U n_U) lies in [1, 4/3]. */
  readonly desirableWeight?: number;
  /** λ_U, 1 by default. */
  readonly undesirableWeight?: number;
  /** The baseline's divisor: all mismatched pairs (TRL and the paper), or those with a non-zero log-ratio (HALOs). */
  readonly klDivisor?: 'all' | 'nonzero';
  /** Examples of the whole accumulation window; B by default. */
  readonly normalizer?: number;
}

/**
 * Kahneman-Tversky Optimization: unpaired good and bad completions against a common baseline.
 *
 * u_i = β(Δ_i − z), z = max(0, mean_j Δ_j) over mismatched pairs, without gradient;
 * L = mean_i λ_D·σ(−u_i) where desirable, λ_U·σ(u_i) where not (KTO, 2402.01306, eq. 7, less the constant λ_y).
 * ∂L/∂log π_θ(y_i) = ∓λβ·σ(u)σ(−u)/B, minus where desirable.
 *
 * The mean runs over all examples, whatever their class; an absent class contributes nothing.
 *
 * @throws ShapeError when shapes disagree; RangeError for β ≤ 0, a negative weight, or fewer than two mismatched pairs
 *   (a batch of one can only be matched with itself)
 * @example
 * ```ts
 * import { ktoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const loss = ktoLoss({
 *   policyLogps: tf.tensor1d([-10, -15]),
 *   referenceLogps: tf.tensor1d([-12, -15]),
 *   labels: tf.tensor1d([1, 0]),
 *   policyKlLogps: tf.tensor1d([-30, -32]),
 *   referenceKlLogps: tf.tensor1d([-30, -33]),
 * });
 * loss.dataSync()[0]!.toFixed(6); // => '0.475036'
 * ```
 */
export const ktoLoss: Loss<KtoInputs, KtoOptions> = defineLoss(
  {
    name: 'ktoLoss',
    family: 'unpaired',
    source: 'KTO, 2402.01306, eq. 7, less the constant λ_y',
    inputs: { ...unpairedInputs, ...mismatchedInputs },
    options: {
      beta: is.beta(),
      desirableWeight: is.notNegative(1, 'lambda_D'),
      undesirableWeight: is.notNegative(1, 'lambda_U'),
      klDivisor: is.oneOf('all', 'nonzero'),
    },
    golden: ['kto.basic', 'kto.single_class', 'kto.negativeKL'],
  },
  (x, { beta, desirableWeight, undesirableWeight, klDivisor, normalizer }) => {
    const mismatched = x.policyKlLogps.minus(x.referenceKlLogps);
    const changed = size('M').minus(sum(equal(mismatched, 0)));
    const baseline = klBaseline(mismatched, klDivisor === 'all' ? size('M') : atLeastOne(changed));
    const reward = x.policyLogps.minus(x.referenceLogps).minus(baseline).times(beta);
    const { sign, weight } = labelled(x.labels, desirableWeight, undesirableWeight);
    return sum(regret(sign, weight, reward)).over(normalizer ?? size('B'));
  },
  (_inputs, _options, { M }) => assertMismatched(M!),
);

function assertMismatched(pairs: number): void {
  if (pairs >= 2) return;
  throw new RangeError(
    `ktoLoss: policyKlLogps must hold at least 2 mismatched pairs, got ${pairs} (a batch of one could only be matched with itself: use a larger batch, or apoZeroUnpairedLoss, which has no baseline)`,
  );
}
