import type { Tree } from './tree.ts';

/**
 * V(s) of every node [N], in the units of the rewards: a copy, as float64. A node never visited has 0, or a value model's
 * estimate.
 *
 * @example
 * ```ts
 * import { createTree, nodeValues } from '@svo/mcts';
 * [...nodeValues(createTree({ id: 'q1', prompt: '2 + 3?' }))]; // => [0]
 * ```
 */
export function nodeValues(tree: Tree): Float64Array {
  return tree.values.slice(0, tree.size);
}

/**
 * N(s) of every node [N]: a copy.
 *
 * @example
 * ```ts
 * import { createTree, nodeVisits } from '@svo/mcts';
 * [...nodeVisits(createTree({ id: 'q1', prompt: '2 + 3?' }))]; // => [0]
 * ```
 */
export function nodeVisits(tree: Tree): Uint32Array {
  return tree.visits.slice(0, tree.size);
}
