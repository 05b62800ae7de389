import { assertOptions } from '@svo/mdp';
import { centred, scaled } from './normalize.ts';

/** Settings of {@link grpoAdvantages}. */
export interface GrpoAdvantagesOptions {
  /** Added to the standard deviation: 1e-6, as verl does; TRL adds 1e-4. */
  readonly epsilon?: number;
}

/**
 * GRPO: every response of a group against the group, Â_i = (r_i − mean r) / (std r + ε), std with n − 1 in the denominator as
 * verl and TRL take it (Shao et al., 2402.03300, section 4.1.2). The same number goes to every token of response i.
 *
 * A group of one, or one whose rewards are all equal, says nothing: 0. (verl leaves the reward of a group of one as it is.)
 *
 * @param rewards r of every response to one question
 * @returns Â [n]
 * @throws RangeError when a reward is not finite, ε is not a number ≥ 0, or an option is unknown
 * @example
 * ```ts
 * import { grpoAdvantages } from '@svo/mcts';
 * grpoAdvantages([1, 0], { epsilon: 0 }).map((a) => a.toFixed(4)); // => ['0.7071', '-0.7071']
 * ```
 */
export function grpoAdvantages(rewards: readonly number[], options: GrpoAdvantagesOptions = {}): number[] {
  assertOptions('grpoAdvantages', options, ['epsilon']);
  const { epsilon = 1e-6 } = options;
  assertRewards('grpoAdvantages', rewards);
  assertEpsilon('grpoAdvantages', epsilon);
  return scaled(centred(rewards), rewards.length - 1, epsilon);
}

/**
 * Dr. GRPO: Â_i = r_i − mean r, without the standard deviation, which would weigh questions that are nearly always or nearly
 * never solved the most (Liu et al., 2503.20783). Its loss divides by a constant instead of the length: `drGrpoLoss`.
 *
 * @param rewards r of every response to one question
 * @returns Â [n]; they add up to 0
 * @throws RangeError when a reward is not finite
 * @example
 * ```ts
 * import { drGrpoAdvantages } from '@svo/mcts';
 * drGrpoAdvantages([1, 0, 0, 1]); // => [0.5, -0.5, -0.5, 0.5]
 * ```
 */
export function drGrpoAdvantages(rewards: readonly number[]): number[] {
  assertRewards('drGrpoAdvantages', rewards);
  return centred(rewards);
}

/**
 * RLOO: every response against the mean of the others, Â_i = r_i − Σ_{j≠i} r_j / (n − 1) = n/(n − 1)·(r_i − mean r)
 * (Ahmadian et al., 2402.14740). A baseline that does not depend on the response leaves the gradient unbiased.
 *
 * @param rewards r of every response to one question; a group of one has nobody to be compared with: 0
 * @returns Â [n]
 * @throws RangeError when a reward is not finite
 * @example
 * ```ts
 * import { rlooAdvantages } from '@svo/mcts';
 * rlooAdvantages([1, 0, 0]); // => [1, -0.5, -0.5]
 * ```
 */
export function rlooAdvantages(rewards: readonly number[]): number[] {
  assertRewards('rlooAdvantages', rewards);
  const n = rewards.length;
  return n < 2 ? rewards.map(() => 0) : centred(rewards).map((a) => (a * n) / (n - 1));
}

/** Settings of {@link treeGrpoAdvantages}. */
export interface TreeGrpoAdvantagesOptions extends GrpoAdvantagesOptions {
  /**
   * `'sum'` (default): the advantage within the question plus the one within the tree (the paper). `'nested'`: within the question
   * first, and what comes out within the tree (the public code's `tree_2norm`).
   */
  readonly combine?: 'sum' | 'nested';
}

/**
 * Tree-GRPO: several trees grow from one question, and a response is compared with all of them and with its own tree,
 * Â = Â_within question + Â_within tree, each as in {@link grpoAdvantages} (Ji et al., 2509.21240).
 *
 * @param rewards r of every leaf, one list a tree of the question
 * @returns Â in the shape of `rewards`
 * @throws RangeError when a reward is not finite, ε is not a number ≥ 0, or an option is unknown
 * @example
 * ```ts
 * import { treeGrpoAdvantages } from '@svo/mcts';
 * treeGrpoAdvantages([[1, 0], [1, 1]]).map((tree) => tree.map((a) => a.toFixed(2))); // => [['1.21', '-2.21'], ['0.50', '0.50']]
 * ```
 */
export function treeGrpoAdvantages(
  rewards: readonly (readonly number[])[],
  options: TreeGrpoAdvantagesOptions = {},
): number[][] {
  assertOptions('treeGrpoAdvantages', options, ['combine', 'epsilon']);
  const { combine = 'sum', epsilon = 1e-6 } = options;
  if (combine !== 'sum' && combine !== 'nested')
    throw new RangeError(`treeGrpoAdvantages: combine must be 'sum' | 'nested', got ${JSON.stringify(combine)}`);
  assertRewards('treeGrpoAdvantages', rewards.flat());
  assertEpsilon('treeGrpoAdvantages', epsilon);
  const all = grpoAdvantages(rewards.flat(), { epsilon });
  const starts = rewards.map((_, k) => rewards.slice(0, k).reduce((sum, tree) => sum + tree.length, 0));
  const within = rewards.map((tree, k) => all.slice(starts[k], starts[k]! + tree.length));
  if (combine === 'nested') return within.map((tree) => grpoAdvantages(tree, { epsilon }));
  return rewards.map((tree, k) => grpoAdvantages(tree, { epsilon }).map((a, i) => a + within[k]![i]!));
}

function assertRewards(caller: string, rewards: readonly number[]): void {
  const at = rewards.findIndex((reward) => !Number.isFinite(reward));
  if (at >= 0) throw new RangeError(`${caller}: rewards must be finite numbers, got ${rewards[at]} at ${at}`);
}

function assertEpsilon(caller: string, epsilon: number): void {
  if (!(epsilon >= 0 && Number.isFinite(epsilon)))
    throw new RangeError(
      `${caller}: epsilon must be a finite number ≥ 0, got ${epsilon} (it is added to the deviation)`,
    );
}
