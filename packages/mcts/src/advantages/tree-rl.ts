import { assertOptions } from '@svo/mdp';
import type { Tree } from '../tree/tree.ts';
import { leafCounts, leafMeans } from './leaf-means.ts';
import { valuesOf } from './values-of.ts';

/**
 * TreeRL: the step into each node by what it adds to the question and to the step before, over the root of how many leaves share it,
 * R(s) = (V(s) − V(root) + V(s) − V(parent)) / √|L(s)|, V the mean reward of the leaves L(s) below (Hou et al., 2506.11902).
 * A step that is part of many responses is trained in each of them; the root takes that back in part.
 *
 * The public code centres leaves on the mean of the others, which makes its numbers n/(n − 1) times these, and gives a step that
 * changes nothing the number of the step before.
 *
 * @param options `values` [N] leaf means by default
 * @returns [N]; 0 for the root and where no leaf is below
 * @throws RangeError when a value is missing or not finite, or an option is unknown
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { prefixTree, treeRlAdvantages } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+2=?', answer: '3' }, [drawn('3'), drawn('4')], { verifier });
 * [...treeRlAdvantages(tree)]; // => [0, 2, -2]
 * ```
 */
export function treeRlAdvantages(tree: Tree, options: { readonly values?: ArrayLike<number> } = {}): Float64Array {
  assertOptions('treeRlAdvantages', options, ['values']);
  const values = valuesOf('treeRlAdvantages', tree, options.values ?? leafMeans(tree));
  const leaves = leafCounts(tree);
  const result = new Float64Array(tree.size);
  for (let node = 1; node < tree.size; node++) {
    if (leaves[node] === 0) continue;
    const [global, local] = [values[node]! - values[0]!, values[node]! - values[tree.parents[node]!]!];
    result[node] = (global + local) / Math.sqrt(leaves[node]!);
  }
  return result;
}
