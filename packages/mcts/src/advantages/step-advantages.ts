import { assertOptions } from '@svo/mdp';
import type { Tree } from '../tree/tree.ts';
import { centred } from './normalize.ts';
import { families, valuesOf } from './values-of.ts';

/** Settings of {@link stepAdvantages} and {@link siblingAdvantages}. */
export interface NodeAdvantagesOptions {
  /** V of every node [N]: the search's own by default; `leafMeans(tree)`, `childMeans(tree)`, or a value model's. */
  readonly values?: ArrayLike<number>;
  /** `'none'` (default), or `'std'`: divided by the deviation of the siblings' values, each as often as drawn, plus `epsilon`. */
  readonly scale?: 'none' | 'std';
  /** Added to the deviation: 1e-8. */
  readonly epsilon?: number;
}

/**
 * The advantage of the step into each node, A(s → s′) = V(s′) − V(s), a terminal's value being its reward.
 *
 * VinePPO with values from independent draws (Kazemnejad et al., 2410.01679, with r = 0 before the end); SPO-tree with `values:
 * childMeans(tree)`, and its GRPO variant with `scale: 'std'`: over the deviation of V among the siblings (Guo et al.,
 * 2505.23564). Along a path they telescope to r − V(root).
 *
 * @returns [N]; 0 for the root and for nodes nobody looked at
 * @throws RangeError when a value is missing or not finite, or an option is unknown or out of range
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { prefixTree, stepAdvantages } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+1+1=?', answer: '3' },
 *   [drawn('2\n\n', '3'), drawn('2\n\n', '4'), drawn('1\n\n', '3'), drawn('0')], { verifier, shrink: false });
 * [...stepAdvantages(tree)]; // => [0, 0, 1, -1, 1, -1, 0]
 * ```
 */
export function stepAdvantages(tree: Tree, options: NodeAdvantagesOptions = {}): Float64Array {
  return advantages('stepAdvantages', tree, options, (parent, values) => values.map((v) => v - parent));
}

/**
 * The advantage of the step into each node against its siblings, A(s′) = V(s′) − mean of V over the parent's children, each as often
 * as drawn: a group of GRPO at every branching (TreeRPO, Yang et al., 2506.05183; with `values: childMeans(tree)`, `scale:
 * 'std'`). How the paper scales groups whose values are not 0 or 1 could not be read; `'std'` is GRPO's.
 *
 * @returns [N]; 0 for the root, for an only child and where all siblings are worth the same
 * @throws RangeError when a value is missing or not finite, or an option is unknown or out of range
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { prefixTree, siblingAdvantages } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+2=?', answer: '3' }, [drawn('3'), drawn('4')], { verifier });
 * [...siblingAdvantages(tree)]; // => [0, 1, -1]
 * ```
 */
export function siblingAdvantages(tree: Tree, options: NodeAdvantagesOptions = {}): Float64Array {
  return advantages('siblingAdvantages', tree, options, (_, values, draws) => centred(values, draws));
}

/** Family by family: what each child is above the baseline, over the family's deviation where that is asked for. */
function advantages(
  caller: string,
  tree: Tree,
  options: NodeAdvantagesOptions,
  above: (parent: number, values: readonly number[], draws: readonly number[]) => readonly number[],
): Float64Array {
  assertOptions(caller, options, ['values', 'scale', 'epsilon']);
  const { scale = 'none', epsilon = 1e-8 } = options;
  if (scale !== 'none' && scale !== 'std')
    throw new RangeError(`${caller}: scale must be 'none' | 'std', got ${JSON.stringify(scale)}`);
  if (!(epsilon > 0 && Number.isFinite(epsilon)))
    throw new RangeError(
      `${caller}: epsilon must be a finite number > 0, got ${epsilon} (siblings may all be worth the same)`,
    );
  const values = valuesOf(caller, tree, options.values);
  const result = new Float64Array(tree.size);
  for (const { children, draws } of families(tree)) {
    const own = children.map((child) => values[child]!);
    const around = centred(own, draws);
    const total = draws.reduce((sum, n) => sum + n, 0);
    const deviation = Math.sqrt(around.reduce((sum, a, k) => sum + draws[k]! * a * a, 0) / Math.max(total, 1));
    const divisor = scale === 'none' ? 1 : deviation + epsilon;
    const parent = values[tree.parents[children[0]!]!]!;
    above(parent, own, draws).forEach((a, k) => {
      result[children[k]!] = a / divisor;
    });
  }
  return result;
}
