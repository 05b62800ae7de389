import { type Arithmetic, assertShapes, evaluate, type Tensor } from '@svo/tensor';
import { assertOneOf } from '../shared/check.ts';

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
 * const [rewards, values, ends] = [[[0, 0, 1]], [[0, 0.5, 0.75]], [[0, 1, 1]]].map((row) => tf.tensor2d(row));
 * processRewards(rewards, values, ends).arraySync(); // => [[0, 0.5, 1.25]]
 * ```
 */
export function processRewards(
  rewards: Tensor,
  processValues: Tensor,
  stepEnds: Tensor,
  options: ProcessRewardsOptions = {},
): Tensor {
  const { shaping = 'difference' } = options;
  const { B, T } = assertShapes('processRewards', {
    rewards: [rewards, 'B T'],
    processValues: [processValues, 'B T'],
    stepEnds: [stepEnds, 'B T'],
  });
  assertOneOf('processRewards', 'shaping', shaping, ['difference', 'value']);
  return evaluate({ rewards, processValues, stepEnds }, [B, T], (math, x) => {
    const ends = math.positive(x.stepEnds);
    const values = math.select(ends, x.processValues, 0);
    const before = shaping === 'difference' ? math.previousValid(ends, values) : zeros(math, values);
    return math.add(x.rewards, math.sub(values, before));
  });
}

function zeros<A>(math: Arithmetic<A>, like: A): A {
  return math.mul(0, like);
}
