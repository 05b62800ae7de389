import { type Tree, treeSummary } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import { byQuestion } from './by-question.ts';

/** A credit smaller than this moves nothing: at the default β it asks for a log-ratio of a nat or two at the most. */
const emptyCredit = 0.05;

/** What {@link materialMetrics} gives. */
export type MaterialMetrics = Readonly<
  Record<'material/right' | 'material/mixed' | 'material/distinct_right' | 'material/empty_credits', number>
> & { readonly 'material/cut'?: number };

/**
 * What a material can teach, as metrics that `diagnose` of `@svo/train` reads: put them into the first report of a run.
 *
 * - `material/right`: share of the trajectories that ended right.
 * - `material/mixed`: share of the questions with a right and a wrong one; the others compare nothing.
 * - `material/distinct_right`: different right trajectories of a question that has one, on average; near 1 all its right
 *   answers are alike, and "do what ended right" already says everything that credits could.
 * - `material/empty_credits`: share of the steps with |c| < 0.05.
 * - `material/cut`: share of the trees' different ends that ran out of tokens; such an answer counts as wrong. Where trees are given.
 *
 * @param trees what the trajectories come from
 * @throws RangeError when there is no trajectory
 * @example
 * ```ts
 * import { materialMetrics } from '@svo/recipes';
 * const one = (step: string, reward: number, credit: number) =>
 *   ({ questionId: 'q', prompt: '?', steps: [step], reward, values: [reward - credit, 0], credits: [credit] });
 * const metrics = materialMetrics([one('a', 1, 0.5), one('a', 1, 0.5), one('b', -1, -1.5)]);
 * [metrics['material/mixed'], metrics['material/distinct_right'], metrics['material/empty_credits']]; // => [1, 1, 0]
 * ```
 */
export function materialMetrics(
  trajectories: readonly ValuedTrajectory[],
  trees: readonly Tree[] = [],
): MaterialMetrics {
  if (trajectories.length === 0)
    throw new RangeError('materialMetrics: trajectories must hold at least one, got none (did every draw fail?)');
  const groups = byQuestion(trajectories);
  const rightOf = (group: readonly ValuedTrajectory[]) => group.filter(({ reward }) => reward > 0);
  const withRight = groups.map(rightOf).filter((right) => right.length > 0);
  const distinct = withRight.map((right) => new Set(right.map(({ steps }) => steps.join(''))).size);
  const credits = trajectories.flatMap((one) => one.credits);
  return {
    'material/right': share(trajectories, ({ reward }) => reward > 0),
    'material/mixed': share(groups, (group) => new Set(group.map(({ reward }) => reward > 0)).size > 1),
    'material/distinct_right': distinct.reduce((sum, count) => sum + count, 0) / Math.max(1, distinct.length),
    'material/empty_credits': share(credits, (credit) => Math.abs(credit) < emptyCredit),
    ...(trees.length > 0 && { 'material/cut': cutOff(trees) }),
  };
}

/** Of the ends that the model came to; what a server lost says nothing. */
function cutOff(trees: readonly Tree[]): number {
  const ends = trees.map((tree) => treeSummary(tree).outcomes);
  const sum = (of: (outcomes: (typeof ends)[number]) => number): number =>
    ends.reduce((total, outcomes) => total + of(outcomes), 0);
  const all = sum(({ lost, ...counted }) => Object.values(counted).reduce((total, count) => total + count, 0));
  return sum(({ cut }) => cut) / Math.max(1, all);
}

const share = <Item>(items: readonly Item[], is: (item: Item) => boolean): number =>
  items.filter(is).length / items.length;
