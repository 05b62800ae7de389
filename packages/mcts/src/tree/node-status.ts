import { requireNode } from './path.ts';
import { CLOSED, CORRECT, EXPANDED, IN_FLIGHT, KIND, type Outcome, outcomeIn, TERMINAL } from './status.ts';
import type { Tree } from './tree.ts';

/** A node in words, for those who read trees rather than search them. */
export interface NodeStatus {
  readonly kind: 'open' | 'in flight' | 'expanded' | 'terminal';
  /** How a terminal ended. */
  readonly outcome: Outcome | undefined;
  /** Whether a correct terminal is here or below. */
  readonly solved: boolean;
  /** Whether no open leaf is here or below. */
  readonly exhausted: boolean;
}

/**
 * What a node is and how it ended.
 *
 * @throws RangeError when the tree has no such node
 * @example
 * ```ts
 * import { createTree, nodeStatus } from '@svo/mcts';
 * nodeStatus(createTree({ id: 'q1', prompt: '2 + 3?' }), 0).kind; // => 'open'
 * ```
 */
export function nodeStatus(tree: Tree, node: number): NodeStatus {
  requireNode('nodeStatus', tree, node);
  const status = tree.statuses[node]!;
  const kind = status & KIND;
  return {
    kind: kind === TERMINAL ? 'terminal' : kind === EXPANDED ? 'expanded' : kind === IN_FLIGHT ? 'in flight' : 'open',
    outcome: kind === TERMINAL ? outcomeIn(status) : undefined,
    solved: (status & (7 << 2)) === CORRECT,
    exhausted: (status & CLOSED) !== 0,
  };
}

/**
 * The leaves that are out, in node order: of a tree that was saved in the middle of a search, those to ask for again (with
 * `requestFor`) or to `release`.
 *
 * @example
 * ```ts
 * import { ask, createTree, dvoSearch, leavesInFlight, loadTree, saveTree } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * ask(tree, dvoSearch());
 * leavesInFlight(loadTree(saveTree(tree))); // => [0]
 * ```
 */
export function leavesInFlight(tree: Tree): number[] {
  const leaves: number[] = [];
  for (let node = 0; node < tree.size; node++) if ((tree.statuses[node]! & KIND) === IN_FLIGHT) leaves.push(node);
  return leaves;
}

/** The outcome of a terminal, `undefined` for every other node. */
export function terminalOutcome(tree: Tree, node: number): Outcome | undefined {
  const status = tree.statuses[node]!;
  return (status & KIND) === TERMINAL ? outcomeIn(status) : undefined;
}
