import type { Tensor } from '@svo/tensor';
import { select } from '../formula/operations.ts';
import { defineOperation } from '../manifest/define-operation.ts';

/**
 * DVO's credits: c_t = r_t + V(s_{t+1}) − V(s_t) (2502.13723, eq. 10). They telescope: Σ_t c_t = Σ_t r_t + V(s_T) − V(s_0).
 *
 * A terminal state's value is 0 when its outcome is the last reward; the public code puts the outcome into the terminal
 * state's value and leaves the reward out. Do one of the two. Masked steps are 0. No gradient.
 *
 * @param rewards - r_t [B, S]
 * @param values - V(s_t) of the state before each step [B, S]
 * @param nextValues - V(s_{t+1}) of the state after it [B, S]
 * @param mask - [B, S]
 * @returns c [B, S]
 * @throws ShapeError when shapes differ
 * @example
 * ```ts
 * import { stepCredits } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const rewards = tf.tensor2d([[0, 1]]);
 * const values = tf.tensor2d([[0, 0.5]]);
 * const nextValues = tf.tensor2d([[0.5, 0]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * stepCredits(rewards, values, nextValues, mask).arraySync(); // => [[0.5, 0.5]]
 * ```
 */
export function stepCredits(rewards: Tensor, values: Tensor, nextValues: Tensor, mask: Tensor): Tensor {
  return credits({ rewards, values, nextValues, mask });
}

const credits = defineOperation<Readonly<Record<'rewards' | 'values' | 'nextValues' | 'mask', Tensor>>, object>(
  {
    name: 'stepCredits',
    inputs: {
      rewards: { shape: 'B S', kind: 'rewards' },
      values: { shape: 'B S', kind: 'values' },
      nextValues: { shape: 'B S', kind: 'values' },
      mask: { shape: 'B S', kind: 'mask' },
    },
    options: {},
  },
  (x) => select(x.mask, x.rewards.plus(x.nextValues.minus(x.values)), 0),
);
