import type { Tensor } from '@svo/tensor';
import { previousValid, select } from '../formula/operations.ts';
import { defineOperation } from '../manifest/define-operation.ts';
import * as is from '../manifest/options.ts';

/** Options of `processRewards`. */
export interface ProcessRewardsOptions {
  /**
   * What a process value adds to the reward of the token that ends its step. `'difference'` (default): p_k − p_{k−1}, p_{−1} = 0,
   * which is potential-based and leaves the best policy as it is. `'value'`: p_k itself, which changes it.
   */
  readonly shaping?: 'difference' | 'value';
}

/**
 * Adds process values to token rewards: r_t + (p_k − p_{k−1}) where token t ends step k (DQO, 2410.09302, section 4.4: the value
 * of prefixes, estimated by rollouts, as process rewards; the difference form is ours, see docs/papers.md). No gradient.
 *
 * @param rewards - r_t [B, T]
 * @param processValues - p at the tokens that end a step, anything elsewhere [B, T]
 * @param stepEnds - 1 at the tokens that end a step, 0 elsewhere [B, T]
 * @returns [B, T]
 * @throws ShapeError when shapes differ
 * @example
 * ```ts
 * import { processRewards } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const rewards = tf.tensor2d([[0, 0, 1]]);
 * const values = tf.tensor2d([[0, 0.5, 0.75]]);
 * const ends = tf.tensor2d([[0, 1, 1]]);
 * processRewards(rewards, values, ends).arraySync(); // => [[0, 0.5, 1.25]]
 * ```
 */
export function processRewards(
  rewards: Tensor,
  processValues: Tensor,
  stepEnds: Tensor,
  options: ProcessRewardsOptions = {},
): Tensor {
  return shaped({ rewards, processValues, stepEnds }, options);
}

const shaped = defineOperation<
  Readonly<Record<'rewards' | 'processValues' | 'stepEnds', Tensor>>,
  ProcessRewardsOptions
>(
  {
    name: 'processRewards',
    inputs: {
      rewards: { shape: 'B T', kind: 'rewards' },
      processValues: { shape: 'B T', kind: 'values' },
      stepEnds: { shape: 'B T', kind: 'mask' },
    },
    options: { shaping: is.oneOf('difference', 'value') },
  },
  ({ rewards, processValues, stepEnds }, { shaping }) => {
    const values = select(stepEnds, processValues, 0);
    return rewards.plus(shaping === 'value' ? values : values.minus(previousValid(stepEnds, values)));
  },
);
