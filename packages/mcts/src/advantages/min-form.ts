import { assertOptions } from '@svo/mdp';

/**
 * PURE's min form: process rewards weighed so that their sum is (nearly) the least of them, r*_t = r_t · e^{−r_t/T} / Σ_k e^{−r_k/T}
 * (Cheng et al., 2504.15275). A response is as good as its worst step, and credit goes there; with returns that
 * add rewards up instead, a policy learns to write many harmless steps.
 *
 * @param rewards a verifier's score of each step
 * @param options `temperature` T, 0.1 as the public code has it; towards 0 the sum becomes the minimum
 * @returns r* [T]; its sum lies between the minimum and the mean
 * @throws RangeError when a reward is not finite, T is not a number > 0, or an option is unknown
 * @example
 * ```ts
 * import { minFormRewards } from '@svo/mcts';
 * minFormRewards([0.9, -0.3, 0.5]).map((r) => r.toFixed(3)); // => ['0.000', '-0.300', '0.000']
 * ```
 */
export function minFormRewards(rewards: readonly number[], options: { readonly temperature?: number } = {}): number[] {
  assertOptions('minFormRewards', options, ['temperature']);
  const { temperature = 0.1 } = options;
  if (!(temperature > 0 && Number.isFinite(temperature)))
    throw new RangeError(`minFormRewards: temperature must be a finite number > 0, got ${temperature}`);
  const at = rewards.findIndex((reward) => !Number.isFinite(reward));
  if (at >= 0) throw new RangeError(`minFormRewards: rewards must be finite numbers, got ${rewards[at]} at ${at}`);
  const least = Math.min(...rewards);
  const weights = rewards.map((reward) => Math.exp((least - reward) / temperature));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return rewards.map((reward, t) => (reward * weights[t]!) / total);
}
