import { terminalOutcome } from './node-status.ts';
import { EXPANDED, KIND, type Outcome } from './status.ts';
import type { Tree, Usage } from './tree.ts';

/** What a tree amounts to, as one JSON line. */
export interface TreeSummary {
  readonly questionId: string;
  readonly nodes: number;
  readonly expanded: number;
  readonly iterations: number;
  /** Terminal nodes by outcome. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** V(s_0). */
  readonly rootValue: number;
  readonly rootVisits: number;
  /** Whether the search failed: nothing that the model wrote is in the tree, only draws that were lost. No answer was wrong. */
  readonly failed: boolean;
  /** Steps to the deepest node. */
  readonly deepest: number;
  readonly usage: Usage;
}

/**
 * Counts a tree: nodes, terminals by outcome, the root's value, what it cost.
 *
 * @example
 * ```ts
 * import { createTree, treeSummary } from '@svo/mcts';
 * treeSummary(createTree({ id: 'q1', prompt: '2 + 3?' })).nodes; // => 1
 * ```
 */
export function treeSummary(tree: Tree): TreeSummary {
  const outcomes: Record<Outcome, number> = {
    correct: 0,
    wrong: 0,
    undecided: 0,
    cut: 0,
    deep: 0,
    unusable: 0,
    lost: 0,
  };
  let expanded = 0;
  let deepest = 0;
  for (let node = 0; node < tree.size; node++) {
    const outcome = terminalOutcome(tree, node);
    if (outcome !== undefined) outcomes[outcome]++;
    if ((tree.statuses[node]! & KIND) === EXPANDED) expanded++;
    deepest = Math.max(deepest, tree.depths[node]!);
  }
  return {
    questionId: tree.question.id,
    nodes: tree.size,
    expanded,
    iterations: tree.iterations,
    outcomes,
    rootValue: tree.values[0]!,
    rootVisits: tree.visits[0]!,
    failed: tree.usage.lost > 0 && outcomes.lost === tree.size - 1,
    deepest,
    usage: { ...tree.usage },
  };
}
