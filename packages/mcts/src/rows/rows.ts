import type { Trajectory } from '@svo/mdp';
import { unlessEmpty } from '../tree/draws.ts';
import { HAS_POSITIVE, outcomeLabels } from '../tree/labels.ts';
import { drawsTo, pathTo, promptOf, stepsTo } from '../tree/path.ts';
import { countedTerminals } from '../tree/terminals.ts';
import type { Tree } from '../tree/tree.ts';

/** A response and whether it is wanted: a row of TRL's unpaired preference format. */
export interface KtoRow {
  readonly questionId: string;
  readonly prompt: string;
  readonly completion: string;
  readonly label: boolean;
}

/** Steps with a label each: a row of TRL's stepwise supervision format, with the search's values beside it. */
export interface PrmRow {
  readonly questionId: string;
  readonly prompt: string;
  readonly completions: readonly string[];
  /** Whether a right answer was found at or below the step (Math-Shepherd's hard estimate). */
  readonly labels: readonly boolean[];
  /** V(s_{t+1}), the state after each step, in the units of the rewards (the soft estimate). */
  readonly values: readonly number[];
}

const trajectory = (tree: Tree, terminal: number): Trajectory => ({
  questionId: tree.question.id,
  prompt: promptOf(tree),
  steps: stepsTo(tree, terminal),
  reward: tree.values[terminal]!,
  ...unlessEmpty(drawsTo(tree, terminal)),
});

/**
 * Rejection-sampling rows: every distinct trajectory with a positive reward, for supervised fine-tuning.
 *
 * @example
 * ```ts
 * import { createTree, rftRows } from '@svo/mcts';
 * rftRows(createTree({ id: 'q1', prompt: '2 + 3?' })); // => []
 * ```
 */
export function rftRows(tree: Tree): Trajectory[] {
  return countedTerminals(tree)
    .filter((node) => tree.values[node]! > 0)
    .map((node) => trajectory(tree, node));
}

/**
 * Outcome-value rows: every counted trajectory with its reward, the target of each of its prefixes (OVM, Yu et al. 2023).
 *
 * @example
 * ```ts
 * import { createTree, outcomeValueRows } from '@svo/mcts';
 * outcomeValueRows(createTree({ id: 'q1', prompt: '2 + 3?' })); // => []
 * ```
 */
export function outcomeValueRows(tree: Tree): Trajectory[] {
  return countedTerminals(tree).map((node) => trajectory(tree, node));
}

/**
 * KTO rows: every counted trajectory as one response, wanted when its reward is above 0.
 *
 * @example
 * ```ts
 * import { createTree, ktoRows } from '@svo/mcts';
 * ktoRows(createTree({ id: 'q1', prompt: '2 + 3?' })); // => []
 * ```
 */
export function ktoRows(tree: Tree): KtoRow[] {
  return countedTerminals(tree).map((node) => ({
    questionId: tree.question.id,
    prompt: promptOf(tree),
    completion: stepsTo(tree, node).join(''),
    label: tree.values[node]! > 0,
  }));
}

/**
 * Process-reward rows: every counted trajectory with, for each step, whether a right answer was found from there, and V.
 *
 * @example
 * ```ts
 * import { createTree, prmRows } from '@svo/mcts';
 * prmRows(createTree({ id: 'q1', prompt: '2 + 3?' })); // => []
 * ```
 */
export function prmRows(tree: Tree): PrmRow[] {
  const labels = outcomeLabels(tree);
  return countedTerminals(tree).map((terminal) => {
    const path = pathTo(tree, terminal).slice(1);
    return {
      questionId: tree.question.id,
      prompt: promptOf(tree),
      completions: stepsTo(tree, terminal),
      labels: path.map((node) => (labels[node]! & HAS_POSITIVE) !== 0),
      values: path.map((node) => tree.values[node]!),
    };
  });
}
