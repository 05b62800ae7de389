import { terminalOutcome } from '../tree/node-status.ts';
import type { Tree } from '../tree/tree.ts';

/** How many counted terminals are at or below each node [N], each as often as it was drawn. */
export function leafCounts(tree: Tree): Float64Array {
  const counts = new Float64Array(tree.size);
  // Children come after their parents, so one pass from the end sees every subtree whole.
  for (let node = tree.size - 1; node >= 0; node--) {
    if (isCounted(tree, node)) counts[node] = tree.counts[node]!;
    if (node > 0) counts[tree.parents[node]!]! += counts[node]!;
  }
  return counts;
}

/**
 * V(s) of every node [N] as the mean reward of the counted terminals at or below it, each as often as it was drawn: what TreeRL
 * (2506.11902) and TEMPO (2509.18314) take for the value of a prefix. A search visits what looks good
 * more often, and its own values lean that way; these don't. Where no terminal is below, nothing is known: the parent's.
 *
 * @returns [N], in the units of the rewards; 0 everywhere in a tree without a counted terminal
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { leafMeans, prefixTree } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+1+1=?', answer: '3' },
 *   [drawn('1+1=2\n\n', '3'), drawn('1+1=2\n\n', '4'), drawn('5')], { verifier });
 * Array.from(leafMeans(tree), (v) => v.toFixed(2)); // => ['-0.33', '0.00', '-1.00', '1.00', '-1.00']
 * ```
 */
export function leafMeans(tree: Tree): Float64Array {
  const counts = leafCounts(tree);
  const sums = new Float64Array(tree.size);
  for (let node = tree.size - 1; node >= 0; node--) {
    if (isCounted(tree, node)) sums[node] = tree.counts[node]! * tree.values[node]!;
    if (node > 0) sums[tree.parents[node]!]! += sums[node]!;
  }
  return known(tree, counts, (node) => sums[node]! / counts[node]!);
}

/**
 * V(s) of every node [N] as the mean of its children's, each as often as it was drawn, from the terminals' rewards upwards: what
 * SPO-tree (2505.23564) and TreeRPO (2506.05183) take, and the right mean where every node was
 * given equally many draws, though some of them ended early. Where no terminal is below, nothing is known: the parent's.
 *
 * @returns [N], in the units of the rewards; 0 everywhere in a tree without a counted terminal
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { childMeans, prefixTree } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+1+1=?', answer: '3' },
 *   [drawn('1+1=2\n\n', '3'), drawn('1+1=2\n\n', '4'), drawn('5')], { verifier });
 * [...childMeans(tree)].map((v) => v.toFixed(2)); // => ['-0.33', '0.00', '-1.00', '1.00', '-1.00']
 * ```
 */
export function childMeans(tree: Tree): Float64Array {
  const leaves = leafCounts(tree);
  const [sums, draws] = [new Float64Array(tree.size), new Float64Array(tree.size)];
  const own = (node: number): number => (isCounted(tree, node) ? tree.values[node]! : sums[node]! / draws[node]!);
  for (let node = tree.size - 1; node > 0; node--) {
    if (leaves[node] === 0) continue;
    sums[tree.parents[node]!]! += tree.counts[node]! * own(node);
    draws[tree.parents[node]!]! += tree.counts[node]!;
  }
  return known(tree, leaves, own);
}

/** Top down: a node with leaves below has its own value, one without its parent's. */
function known(tree: Tree, leaves: Float64Array, own: (node: number) => number): Float64Array {
  const values = new Float64Array(tree.size);
  for (let node = 0; node < tree.size; node++)
    values[node] = leaves[node]! > 0 ? own(node) : node === 0 ? 0 : values[tree.parents[node]!]!;
  return values;
}

/** A terminal that was counted: what was lost says nothing. */
function isCounted(tree: Tree, node: number): boolean {
  return tree.visits[node]! > 0 && terminalOutcome(tree, node) !== undefined;
}
