import { assertOptions } from '@svo/mdp';

/**
 * A*-PO's value of a question: what the best policy near the reference is worth, V* = β log mean e^{r/β} over independent draws of the
 * reference (Brantley et al., 2505.20686). Between the mean (β → ∞) and the best reward (β → 0). Its loss regresses β₂·log π/π_ref on r − V*,
 * one response a question: `droPolicyLoss` of `@svo/losses` with V* as `values`, `tau` β₂ and `scale` 2 (DRO has a ½ of its own).
 *
 * @param rewards r of draws of the reference
 * @param options `beta` 1
 * @returns V*, in units of the reward
 * @throws RangeError when there is no reward or one is not finite, β is not a number > 0, or an option is unknown
 * @example
 * ```ts
 * import { optimalValue } from '@svo/mcts';
 * optimalValue([1, 0, 0, 0], { beta: 0.5 }).toFixed(4); // => '0.4772'
 * ```
 */
export function optimalValue(rewards: readonly number[], options: { readonly beta?: number } = {}): number {
  assertOptions('optimalValue', options, ['beta']);
  const { beta = 1 } = options;
  if (!(beta > 0 && Number.isFinite(beta)))
    throw new RangeError(`optimalValue: beta must be a finite number > 0, got ${beta}`);
  if (rewards.length === 0) throw new RangeError('optimalValue: rewards must hold at least one, got none');
  const at = rewards.findIndex((reward) => !Number.isFinite(reward));
  if (at >= 0) throw new RangeError(`optimalValue: rewards must be finite numbers, got ${rewards[at]} at ${at}`);
  const best = Math.max(...rewards);
  const mean = rewards.reduce((sum, reward) => sum + Math.exp((reward - best) / beta), 0) / rewards.length;
  return best + beta * Math.log(mean);
}
