import { type Arithmetic, assertShapes, evaluate, nextValid, type Tensor } from '@svo/tensor';
import { assertWithin } from './check.ts';

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
    const valid = math.positive(x.mask);
    const bootstrap = math.select(valid, x.nextValues, 0);
    return returns(math, valid, math.select(valid, x.rewards, 0), bootstrap, lambda);
  });
}

/** G over the valid slots; `rewards` and `nextValues` must be 0 in masked ones, where the result is 0 too. */
export function returns<A>(math: Arithmetic<A>, valid: A, rewards: A, nextValues: A, lambda: number): A {
  const last = math.sub(valid, nextValid(math, valid, valid));
  const isLast = math.mul(valid, math.positive(last));
  const bootstrapped = math.mul(math.add(1 - lambda, math.mul(lambda, isLast)), nextValues);
  // A masked slot hands on what comes after it: decay 1, nothing added.
  const decay = math.add(math.sub(1, valid), math.mul(lambda, valid));
  return math.mul(valid, math.accumulateBack(math.add(rewards, bootstrapped), decay));
}
