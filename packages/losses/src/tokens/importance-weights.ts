import type { Tensor } from '@svo/tensor';
import { atMost, difference, exp, rowSum } from '../formula/operations.ts';
import type { Term } from '../formula/term.ts';
import { defineOperation } from '../manifest/define-operation.ts';
import * as is from '../manifest/options.ts';

/** Options of `importanceWeights`. */
export interface ImportanceWeightsOptions {
  /** The cap: e by default (see docs/papers.md on why e, and how sure that is). */
  readonly clip?: number;
}

/**
 * One truncated importance weight a trajectory: w = min(clip, Π_t π_θ(a_t|s_t)/μ(a_t|s_t)), computed as
 * exp(min(log clip, Σ_t (log π_θ − log μ))), so that it never overflows (DQO, 2410.09302, section 4.3). No gradient.
 *
 * @param policyLogps - log π_θ of each token [B, T]
 * @param behaviorLogps - log μ of each token under the policy that made the data [B, T]
 * @param mask - [B, T]
 * @returns w [B], in (0, clip]; 1 for a row without valid tokens
 * @throws ShapeError when shapes differ; RangeError for clip ≤ 0
 * @example
 * ```ts
 * import { importanceWeights } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const policy = tf.tensor2d([[-1, -1]]);
 * const behavior = tf.tensor2d([[-9, -9]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * importanceWeights(policy, behavior, mask).dataSync()[0]!.toFixed(4); // => '2.7183'
 * ```
 */
export function importanceWeights(
  policyLogps: Tensor,
  behaviorLogps: Tensor,
  mask: Tensor,
  options: ImportanceWeightsOptions = {},
): Tensor {
  return truncated({ policyLogps, behaviorLogps, mask }, options);
}

const truncated = defineOperation<
  Readonly<Record<'policyLogps' | 'behaviorLogps' | 'mask', Tensor>>,
  ImportanceWeightsOptions
>(
  {
    name: 'importanceWeights',
    inputs: {
      policyLogps: { shape: 'B T', kind: 'logps' },
      behaviorLogps: { shape: 'B T', kind: 'logps' },
      mask: { shape: 'B T', kind: 'mask' },
    },
    options: { clip: is.positive(Math.E, 'it is the largest weight a trajectory can have') },
  },
  ({ policyLogps, behaviorLogps, mask }, { clip }) => rowWeights(mask, policyLogps, behaviorLogps, clip),
);

/** exp(min(log clip, Σ_t log-ratio)) of each row. */
export function rowWeights(mask: Term, policy: Term, behavior: Term, clip: number): Term {
  return exp(atMost(rowSum(difference(mask, policy, behavior)), Math.log(clip)));
}
