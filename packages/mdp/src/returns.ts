/** Rewards, returns and credits over plain arrays. r has one entry a step; V has one a state, V(s_0) … V(s_T). */

import { assertOptions } from './options.ts';

const fail = (where: string, argument: string, expected: string, got: string | number, hint = ''): never => {
  throw new RangeError(`${where}: ${argument} must be ${expected}, got ${got}${hint && ` (${hint})`}`);
};

const checkLength = (where: string, argument: string, got: number, expected: number, hint = ''): void => {
  if (got !== expected) fail(where, `${argument}.length`, String(expected), got, hint);
};

const checkUnit = (where: string, argument: string, value: number): void => {
  if (!(value >= 0 && value <= 1)) fail(where, argument, 'in [0, 1]', value);
};

/** γ as one number, or γ_t for each step. */
export type Discount = number | readonly number[];

const discounts = (where: string, discount: Discount = 1, length: number): readonly number[] => {
  const values = typeof discount === 'number' ? Array.from({ length }, () => discount) : discount;
  checkLength(where, 'discount', values.length, length);
  for (const value of values) checkUnit(where, 'discount', value);
  return values;
};

/**
 * Sparse rewards of a judged trajectory: 0 for every step but the last, which gets the outcome (DVO 4.1).
 * ±1 by default; `{ correct: 1, wrong: 0 }` gives 0/1.
 *
 * @param equivalent a verdict's `equivalent`; `undefined` is undecided
 * @param length T, the number of steps, at least 1
 * @param options what each verdict is worth: `correct` 1, `wrong` −1, `undecided` as `wrong`
 * @returns r [T]
 * @throws RangeError when `length` is not a positive integer
 * @example
 * ```ts
 * import { outcomeRewards } from '@svo/mdp';
 * outcomeRewards(true, 3); // => [0, 0, 1]
 * outcomeRewards(undefined, 2, { undecided: 0 }); // => [0, 0]
 * ```
 */
export function outcomeRewards(
  equivalent: boolean | undefined,
  length: number,
  options: { readonly correct?: number; readonly wrong?: number; readonly undecided?: number } = {},
): number[] {
  assertOptions('outcomeRewards', options, ['correct', 'wrong', 'undecided']);
  if (!Number.isInteger(length) || length < 1) fail('outcomeRewards', 'length', 'a positive integer', length);
  const { correct = 1, wrong = -1, undecided = wrong } = options;
  const rewards = new Array<number>(length).fill(0);
  rewards[length - 1] = equivalent === undefined ? undecided : equivalent ? correct : wrong;
  return rewards;
}

/**
 * Potential-based shaping: r′_t = r_t + γΦ(s_{t+1}) − Φ(s_t). With Φ(s_T) = 0 the best policy stays the best (Ng, Harada
 * and Russell 1999, theorem 1); adding raw values to the rewards would change it. Process rewards that estimate a value
 * belong in here as `potentials`.
 *
 * @param potentials Φ(s_0) … Φ(s_T) [T + 1]
 * @returns r′ [T]
 * @throws RangeError when the lengths differ or γ is outside [0, 1]
 * @example
 * ```ts
 * import { shapedRewards } from '@svo/mdp';
 * shapedRewards([0, 1], [0.25, 0.75, 0]); // => [0.5, 0.25]
 * ```
 */
export function shapedRewards(
  rewards: readonly number[],
  potentials: readonly number[],
  options: { readonly discount?: Discount } = {},
): number[] {
  assertOptions('shapedRewards', options, ['discount']);
  checkLength('shapedRewards', 'potentials', potentials.length, rewards.length + 1, 'one a state, the last included');
  const gamma = discounts('shapedRewards', options.discount, rewards.length);
  return rewards.map((reward, t) => reward + gamma[t]! * potentials[t + 1]! - potentials[t]!);
}

/**
 * Discounted returns, G_t = r_t + γ_t G_{t+1}, G_T = `bootstrap`.
 *
 * @param options `discount` γ = 1; `bootstrap` V(s_T) = 0, for a trajectory cut off before its end
 * @returns G [T]
 * @throws RangeError when γ is outside [0, 1]
 * @example
 * ```ts
 * import { discountedReturns } from '@svo/mdp';
 * discountedReturns([0, 0, 1], { discount: 0.5 }); // => [0.25, 0.5, 1]
 * ```
 */
export function discountedReturns(
  rewards: readonly number[],
  options: { readonly discount?: Discount; readonly bootstrap?: number } = {},
): number[] {
  assertOptions('discountedReturns', options, ['discount', 'bootstrap']);
  const gamma = discounts('discountedReturns', options.discount, rewards.length);
  const returns = new Array<number>(rewards.length);
  let next = options.bootstrap ?? 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    next = rewards[t]! + gamma[t]! * next;
    returns[t] = next;
  }
  return returns;
}

/**
 * λ-returns, G_t = r_t + γ_t((1 − λ)V(s_{t+1}) + λG_{t+1}), G_T = V(s_T) (DQO, eq. 16, in recursive form; Sutton and Barto
 * 12.2). λ = 0 is one-step TD, λ = 1 the Monte-Carlo return.
 *
 * @param rewards r [T]; for DQO the KL-shaped rewards ρ_t = r_t − βΔ_t
 * @param nextValues V(s_1) … V(s_T) [T]; the last is 0 for a finished trajectory
 * @param options `lambda` 1, `discount` 1
 * @returns G [T]
 * @throws RangeError when the lengths differ, or λ or γ is outside [0, 1]
 * @example
 * ```ts
 * import { lambdaReturns } from '@svo/mdp';
 * lambdaReturns([0, 0, 1], [0.5, 0.25, 0], { lambda: 0 }); // => [0.5, 0.25, 1]
 * lambdaReturns([0, 0, 1], [0.5, 0.25, 0], { lambda: 1 }); // => [1, 1, 1]
 * ```
 */
export function lambdaReturns(
  rewards: readonly number[],
  nextValues: readonly number[],
  options: { readonly lambda?: number; readonly discount?: Discount } = {},
): number[] {
  assertOptions('lambdaReturns', options, ['lambda', 'discount']);
  const { lambda = 1 } = options;
  checkUnit('lambdaReturns', 'lambda', lambda);
  checkLength('lambdaReturns', 'nextValues', nextValues.length, rewards.length, 'V(s_1) … V(s_T), without V(s_0)');
  const gamma = discounts('lambdaReturns', options.discount, rewards.length);
  const returns = new Array<number>(rewards.length);
  let next = nextValues.at(-1) ?? 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    next = rewards[t]! + gamma[t]! * ((1 - lambda) * nextValues[t]! + lambda * next);
    returns[t] = next;
  }
  return returns;
}

/**
 * TD errors, δ_t = r_t + γ_t V(s_{t+1}) − V(s_t).
 *
 * @param values V(s_0) … V(s_T) [T + 1]
 * @returns δ [T]
 * @throws RangeError when the lengths differ or γ is outside [0, 1]
 * @example
 * ```ts
 * import { tdErrors } from '@svo/mdp';
 * tdErrors([0, 1], [0.5, 0.25, 0], { discount: 0.5 }); // => [-0.375, 0.75]
 * ```
 */
export function tdErrors(
  rewards: readonly number[],
  values: readonly number[],
  options: { readonly discount?: Discount } = {},
): number[] {
  assertOptions('tdErrors', options, ['discount']);
  checkLength('tdErrors', 'values', values.length, rewards.length + 1, 'V(s_0) … V(s_T), one more than rewards');
  const gamma = discounts('tdErrors', options.discount, rewards.length);
  return rewards.map((reward, t) => reward + gamma[t]! * values[t + 1]! - values[t]!);
}

/**
 * DVO credits, c_t = r_t + V(s_{t+1}) − V(s_t) (2502.13723, eq. 10; γ = 1). They telescope: Σ c_t = Σ r_t + V(s_T) − V(s_0).
 * The outcome is counted once: as the last reward with V(s_T) = 0 (the paper), or as V(s_T) with rewards of 0 (the
 * authors' code).
 *
 * @param rewards r [T], see {@link outcomeRewards}
 * @param values V(s_0) … V(s_T) [T + 1]
 * @returns c [T], in the units of the rewards
 * @throws RangeError when the lengths differ, or both the last reward and V(s_T) are non-zero
 * @example
 * ```ts
 * import { outcomeRewards, stepCredits } from '@svo/mdp';
 * stepCredits(outcomeRewards(true, 3), [0.25, 0.5, 0.75, 0]); // => [0.25, 0.25, 0.25]
 * ```
 */
export function stepCredits(rewards: readonly number[], values: readonly number[]): number[] {
  checkLength('stepCredits', 'values', values.length, rewards.length + 1, 'V(s_0) … V(s_T), one more than rewards');
  if (rewards.length > 0 && rewards.at(-1) !== 0 && values.at(-1) !== 0) {
    fail(
      'stepCredits',
      'values[T]',
      `0 when the last reward is ${rewards.at(-1)}`,
      values.at(-1)!,
      'the outcome would count twice',
    );
  }
  return tdErrors(rewards, values);
}
