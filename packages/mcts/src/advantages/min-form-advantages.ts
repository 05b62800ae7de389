import { assertOptions } from '@svo/mdp';
import { minFormRewards } from './min-form.ts';
import { aboveOtherSteps } from './other-steps.ts';

/**
 * PURE's advantages of the steps of a group of responses: rewards in the min form, less what a step of the other responses gets on
 * average, and for every step what is still to come, Â_{i,t} = Σ_{k≥t} (r*_{i,k} − b_i), b_i as in {@link aboveOtherSteps} (Cheng et al.,
 * 2504.15275; its code's `reward_baseline` `step`, with process rewards alone and γ = 1). A step is as good as the worst that follows it.
 *
 * @param rewards a verifier's score of each step, one list a response to one question
 * @param options `temperature`, as in {@link minFormRewards}
 * @returns Â in the shape of `rewards`; 0 for a group of one, which has nobody to be compared with
 * @throws RangeError when a response has no step, a reward is not finite, the temperature is not > 0, or an option is unknown
 * @example
 * ```ts
 * import { minFormAdvantages } from '@svo/mcts';
 * minFormAdvantages([[0.9, 0.8], [0.9, -0.8]], { temperature: 1e-3 }).map((one) => one.map((a) => a.toFixed(2))); // => [['1.60', '1.20'], ['-1.60', '-1.20']]
 * ```
 */
export function minFormAdvantages(
  rewards: readonly (readonly number[])[],
  options: { readonly temperature?: number } = {},
): number[][] {
  assertOptions('minFormAdvantages', options, ['temperature']);
  const above = aboveOtherSteps(rewards.map((one) => minFormRewards(one, options)));
  return above.map((one) => {
    let toCome = 0;
    return one
      .toReversed()
      .map((a) => (toCome += a))
      .toReversed();
  });
}
