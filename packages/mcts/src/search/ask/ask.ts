import type { Rules } from '../../rules/rules.ts';
import { BLOCKED, CLOSED, EXPANDED, IN_FLIGHT, KIND, TERMINAL, UNAVAILABLE } from '../../tree/status.ts';
import { MOST_IN_FLIGHT, NONE, type Tree } from '../../tree/tree.ts';

/** Terminals walked into in a row before the rules are called endless. */
const MOST_REVISITS = 2 ** 24;

/**
 * Hands out the next leaf to expand, by the rules' selection from the root down, and counts it as in flight on its path.
 * A leaf is handed out once. `undefined` when the rules say stop, or when every open leaf is out or none is left.
 *
 * @returns the leaf's node, which is also the id that `tell` takes
 * @throws RangeError when 255 leaves of the tree are in flight, or when a rule walks into terminals without end
 * @example
 * ```ts
 * import { ask, createTree, dvoSearch } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: 'What is 2 + 3?' });
 * ask(tree, dvoSearch()); // => 0
 * ask(tree, dvoSearch()); // => undefined
 * ```
 */
export function ask(tree: Tree, rules: Rules): number | undefined {
  for (let revisits = 0; revisits < MOST_REVISITS; revisits++) {
    if ((tree.statuses[0]! & UNAVAILABLE) !== 0 || rules.stop(tree)) return undefined;
    if (tree.inFlight >= MOST_IN_FLIGHT) {
      throw new RangeError(`ask: at most ${MOST_IN_FLIGHT} leaves of a tree may be in flight (tell some first)`);
    }
    const leaf = descend(tree, rules);
    tree.iterations++;
    if ((tree.statuses[leaf]! & KIND) === TERMINAL) revisit(tree, rules, leaf);
    else return handOut(tree, leaf);
  }
  throw new RangeError(
    `ask: walked into terminals ${MOST_REVISITS} times in a row without a stop (with terminalVisits 'every', stop by maxIterations)`,
  );
}

/**
 * Whether a search is over: nothing in flight, and nothing more to hand out.
 *
 * @example
 * ```ts
 * import { ask, createTree, dvoSearch, isFinished } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: 'What is 2 + 3?' });
 * isFinished(tree, dvoSearch()); // => false
 * ```
 */
export function isFinished(tree: Tree, rules: Rules): boolean {
  return tree.inFlight === 0 && ((tree.statuses[0]! & UNAVAILABLE) !== 0 || rules.stop(tree));
}

const descend = (tree: Tree, rules: Rules): number => {
  const { statuses, parents } = tree;
  let node = 0;
  while ((statuses[node]! & KIND) === EXPANDED) {
    const next = rules.select(tree, node);
    // Reading the parent here also fetches it ahead of the walk back up, which would wait for one after the other.
    if (parents[next] !== node || (statuses[next]! & UNAVAILABLE) !== 0) {
      throw new RangeError(`ask: rules.select must return an available child of node ${node}, got ${next}`);
    }
    node = next;
  }
  return node;
};

const revisit = (tree: Tree, rules: Rules, terminal: number): void => {
  tree.visits[terminal] = tree.visits[terminal]! + 1;
  rules.backup.along(tree, tree.parents[terminal]!, 1, tree.values[terminal]!);
};

const handOut = (tree: Tree, leaf: number): number => {
  const { statuses, pending, parents } = tree;
  statuses[leaf] = (statuses[leaf]! & ~KIND) | IN_FLIGHT;
  for (let s = leaf; s !== NONE; s = parents[s]!) pending[s] = pending[s]! + 1;
  tree.inFlight++;
  block(tree, leaf);
  return leaf;
};

/** Marks a node that has no leaf left to hand out as blocked, and every ancestor that thereby has none either. */
function block(tree: Tree, leaf: number): void {
  const { statuses, parents } = tree;
  for (let s = leaf; s !== NONE; s = parents[s]!) {
    if (s !== leaf && hasAvailableChild(tree, s)) return;
    statuses[s] = statuses[s]! | BLOCKED;
  }
}

const hasAvailableChild = (tree: Tree, node: number): boolean => {
  const first = tree.firstChildren[node]!;
  const end = first + tree.childCounts[node]!;
  for (let child = first; child < end; child++) if ((tree.statuses[child]! & UNAVAILABLE) === 0) return true;
  return false;
};

/**
 * Renews the marks from a leaf that came home up to the root: closed when every child is closed, blocked when none is
 * available but not all are closed, neither otherwise. Stops where nothing changes.
 */
export function refreshMarks(tree: Tree, leaf: number): void {
  const { statuses, parents, firstChildren, childCounts } = tree;
  for (let s = leaf; s !== NONE; s = parents[s]!) {
    const first = firstChildren[s]!;
    const end = first + childCounts[s]!;
    let closed = true;
    let available = false;
    for (let child = first; child < end; child++) {
      const status = statuses[child]!;
      if ((status & CLOSED) === 0) closed = false;
      if ((status & UNAVAILABLE) === 0) {
        available = true;
        break;
      }
    }
    const before = statuses[s]!;
    const after = (before & ~UNAVAILABLE) | (closed ? CLOSED : available ? 0 : BLOCKED);
    if (after === before && s !== leaf) return;
    statuses[s] = after;
  }
}
