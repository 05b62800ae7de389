import { assertShapes, evaluate, type Tensor } from '@svo/tensor';
import { assertWithin } from '../shared/check.ts';

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
 * const [rewards, nextValues, mask] = [[[0, 1]], [[0.5, 0]], [[1, 1]]].map((rows) => tf.tensor2d(rows));
 * lambdaReturns(rewards, nextValues, mask, { lambda: 0.5 }).arraySync(); // => [[0.75, 1]]
 * ```
 */
export function lambdaReturns(
  rewards: Tensor,
  nextValues: Tensor,
  mask: Tensor,
  options: LambdaReturnsOptions = {},
): Tensor {
  const { lambda = 1 } = options;
  const { B, T } = assertShapes('lambdaReturns', {
    rewards: [rewards, 'B T'],
    nextValues: [nextValues, 'B T'],
    mask: [mask, 'B T'],
  });
  assertWithin('lambdaReturns', 'lambda', lambda, [0, 1]);
  return evaluate({ rewards, nextValues, mask }, [B, T], (math, x) => {
    // The last valid slot has nothing after it to take λ of: its value counts in full.
    const last = math.sub(1, math.nextValid(x.mask, math.positive(x.mask)));
    const share = math.add(1 - lambda, math.mul(lambda, last));
    const bootstrap = math.mul(share, math.select(x.mask, x.nextValues, 0));
    return math.returns(x.mask, math.add(x.rewards, bootstrap), lambda);
  });
}
