import { assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertBeta, assertNormalizer, assertNotNegative, assertOneOf } from '../shared/check.ts';
import { atLeastOne } from '../shared/counts.ts';
import { klBaseline, labelled, regret } from './regret.ts';

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
 * loss.dataSync()[0].toFixed(6); // => '0.475036'
 * ```
 */
export function ktoLoss(inputs: KtoInputs, options: KtoOptions = {}): Scalar {
  const { beta = 0.1, desirableWeight = 1, undesirableWeight = 1, klDivisor = 'all', normalizer } = options;
  const { policyLogps, referenceLogps, labels, policyKlLogps, referenceKlLogps } = inputs;
  const { B, M } = assertShapes('ktoLoss', {
    policyLogps: [policyLogps, 'B'],
    referenceLogps: [referenceLogps, 'B'],
    labels: [labels, 'B'],
    policyKlLogps: [policyKlLogps, 'M'],
    referenceKlLogps: [referenceKlLogps, 'M'],
  });
  assertBeta('ktoLoss', beta);
  assertNotNegative('ktoLoss', 'desirableWeight', desirableWeight);
  assertNotNegative('ktoLoss', 'undesirableWeight', undesirableWeight);
  assertOneOf('ktoLoss', 'klDivisor', klDivisor, ['all', 'nonzero']);
  assertNormalizer('ktoLoss', normalizer);
  assertMismatched(M);
  const share = 1 / (normalizer ?? Math.max(B, 1));
  return closedForm(
    { policyLogps, referenceLogps, labels, policyKlLogps, referenceKlLogps },
    ['policyLogps'],
    (math, x) => {
      const mismatched = math.sub(x.policyKlLogps, x.referenceKlLogps);
      const unchanged = math.sum(math.equal(mismatched, 0));
      const divisor = klDivisor === 'all' ? M : atLeastOne(math, math.sub(M, unchanged));
      const logRatio = math.sub(x.policyLogps, x.referenceLogps);
      const reward = math.mul(beta, math.sub(logRatio, klBaseline(math, mismatched, divisor)));
      const { sign, weight } = labelled(math, x.labels, desirableWeight, undesirableWeight);
      const { losses, slopes } = regret(math, sign, weight, reward);
      const gradients = () => ({ policyLogps: math.mul(beta * share, slopes()) });
      return { value: math.mul(share, math.sum(losses)), gradients };
    },
  );
}

function assertMismatched(pairs: number): void {
  if (pairs >= 2) return;
  throw new RangeError(
    `ktoLoss: policyKlLogps must hold at least 2 mismatched pairs, got ${pairs} (a batch of one could only be matched with itself: use a larger batch, or apoZeroUnpairedLoss, which has no baseline)`,
  );
}
