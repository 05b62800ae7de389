/**
 * Process rewards less what a step of the other responses gets on average, r_{i,t} − b_i, b_i = Σ_{j≠i} (Σ_k r_{j,k} / T_j) / (n − 1): the baseline of PURE's
 * code (2504.15275), and RLOO where every response is one step. A verifier whose scores lean one way would teach the policy to end early, or never.
 *
 * @param rewards a verifier's score of each step, one list a response to one question
 * @returns numbers in the shape of `rewards`; 0 for a group of one, which has nobody to be compared with
 * @throws RangeError when a response has no step, or a reward is not finite
 * @example
 * ```ts
 * import { aboveOtherSteps } from '@svo/mcts';
 * aboveOtherSteps([[1, 0], [-1]]); // => [[2, 1], [-1.5]]
 * ```
 */
export function aboveOtherSteps(rewards: readonly (readonly number[])[]): number[][] {
  const means = rewards.map((one, i) => {
    const at = one.findIndex((reward) => !Number.isFinite(reward));
    if (at >= 0)
      throw new RangeError(`aboveOtherSteps: rewards must be finite numbers, got ${one[at]} at ${at} of response ${i}`);
    if (one.length === 0)
      throw new RangeError(`aboveOtherSteps: every response must have a step, got none in response ${i}`);
    return one.reduce((sum, reward) => sum + reward, 0) / one.length;
  });
  if (rewards.length < 2) return rewards.map((one) => one.map(() => 0));
  const total = means.reduce((sum, mean) => sum + mean, 0);
  return rewards.map((one, i) => one.map((reward) => reward - (total - means[i]!) / (rewards.length - 1)));
}
