import type { Tensor } from '@svo/tensor';
import { nextValid, positive, returns, select } from '../formula/operations.ts';
import { term } from '../formula/term.ts';
import { defineOperation } from '../manifest/define-operation.ts';
import * as is from '../manifest/options.ts';

/** Options of `lambdaReturns`. */
export interface LambdaReturnsOptions {
  /** λ: 1 (default) is the Monte-Carlo return, 0 the one-step bootstrap. */
  readonly lambda?: number;
}

/**
 * λ-returns without discount: G_t = r_t + (1−λ)·V(s_{t+1}) + λ·G_{t+1}; the last valid slot has G = r + V(s_{t+1}), so give
 * 0 there for a terminal state. Equals the mixture (1−λ)Σ_{n<N} λ^{n−1} G^{(n)} + λ^{N−1} G^{(N)} of n-step returns, and
 * V + GAE(λ) (DQO, 2410.09302, eq. 16; Schulman et al., 1506.02438).
 *
 * Masked slots are skipped, wherever they are in the row, and are 0 in the result. No gradient.
 *
 * @param rewards - r_t [B, T]
 * @param nextValues - V(s_{t+1}) [B, T], aligned with rewards
 * @param mask - [B, T]
 * @returns G [B, T]
 * @throws ShapeError when shapes differ; RangeError for λ outside [0, 1]
 * @example
 * ```ts
 * import { lambdaReturns } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const rewards = tf.tensor2d([[0, 1]]);
 * const nextValues = tf.tensor2d([[0.5, 0]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * lambdaReturns(rewards, nextValues, mask, { lambda: 0.5 }).arraySync(); // => [[0.75, 1]]
 * ```
 */
export function lambdaReturns(
  rewards: Tensor,
  nextValues: Tensor,
  mask: Tensor,
  options: LambdaReturnsOptions = {},
): Tensor {
  return mixed({ rewards, nextValues, mask }, options);
}

const mixed = defineOperation<Readonly<Record<'rewards' | 'nextValues' | 'mask', Tensor>>, LambdaReturnsOptions>(
  {
    name: 'lambdaReturns',
    inputs: {
      rewards: { shape: 'B T', kind: 'rewards' },
      nextValues: { shape: 'B T', kind: 'values' },
      mask: { shape: 'B T', kind: 'mask' },
    },
    options: { lambda: is.within(1, [0, 1]) },
  },
  ({ rewards, nextValues, mask }, { lambda }) => {
    // The last valid slot has nothing after it to take λ of: its value counts in full.
    const last = term(1).minus(nextValid(mask, positive(mask)));
    const bootstrap = last
      .times(lambda)
      .plus(1 - lambda)
      .times(select(mask, nextValues, 0));
    return returns(mask, rewards.plus(bootstrap), lambda);
  },
);
