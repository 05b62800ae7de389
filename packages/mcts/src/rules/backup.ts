import { assertOptions } from '@svo/mdp';
import { NONE, type Tree } from '../tree/tree.ts';
import type { Backup } from './rules.ts';

/** Adds the visits up the path and lets `at` revalue each node from its children; a node without visited ones keeps its own. */
const alongBy =
  (at: Backup['at']): Backup['along'] =>
  (tree, node, weight, value) => {
    const { visits, values, parents } = tree;
    for (let s = node; s !== NONE; s = parents[s]!) {
      const own = s === node && hasNoVisitedChild(tree, s);
      visits[s] = visits[s]! + weight;
      values[s] = own ? values[s]! + ((value - values[s]!) * weight) / visits[s]! : at(tree, s, 0, 0);
    }
  };

const hasNoVisitedChild = (tree: Tree, node: number): boolean => {
  const first = tree.firstChildren[node]!;
  const end = first + tree.childCounts[node]!;
  for (let child = first; child < end; child++) if (tree.visits[child]! > 0) return false;
  return true;
};

const ownValue = (ownVisits: number, ownTotal: number): number => (ownVisits > 0 ? ownTotal / ownVisits : 0);

/**
 * Running mean: N ← N + 1, V ← V + (v − V) / N for each result v that passes through the node (SVPO, eq. 6). The node's own
 * evaluations count, and each result counts the same.
 *
 * @example
 * ```ts
 * import { meanBackup } from '@svo/mcts';
 * meanBackup.name; // => 'mean'
 * ```
 */
export const meanBackup: Backup = {
  name: 'mean',
  along: (tree, node, weight, value) => {
    const { visits, values, parents } = tree;
    for (let s = node; s !== NONE; s = parents[s]!) {
      const n = visits[s]! + weight;
      visits[s] = n;
      values[s] = values[s]! + ((value - values[s]!) * weight) / n;
    }
  },
  at: (tree, node, ownVisits, ownTotal) => {
    const { visits, values } = tree;
    const first = tree.firstChildren[node]!;
    const end = first + tree.childCounts[node]!;
    let n = ownVisits;
    let total = ownTotal;
    for (let child = first; child < end; child++) {
      n += visits[child]!;
      total += visits[child]! * values[child]!;
    }
    return n > 0 ? total / n : 0;
  },
};

const visitWeightedAt: Backup['at'] = (tree, node, ownVisits, ownTotal) => {
  const { visits, values } = tree;
  const first = tree.firstChildren[node]!;
  const end = first + tree.childCounts[node]!;
  let n = 0;
  let total = 0;
  for (let child = first; child < end; child++) {
    n += visits[child]!;
    total += visits[child]! * values[child]!;
  }
  return n > 0 ? total / n : ownValue(ownVisits, ownTotal);
};

/**
 * V(s) = Σ N(s′) (r + V(s′)) / Σ N(s′), recomputed from the children (DVO, section 4.4.1). A terminal's value here is its
 * reward, so r appears once. Where only terminals count as visits, this is the mean outcome below the node.
 *
 * @example
 * ```ts
 * import { visitWeightedBackup } from '@svo/mcts';
 * visitWeightedBackup.name; // => 'visitWeighted'
 * ```
 */
export const visitWeightedBackup: Backup = {
  name: 'visitWeighted',
  along: alongBy(visitWeightedAt),
  at: visitWeightedAt,
};

/**
 * The soft value of DVO section 4.2 for a sampled action set: V(s) = β log Σ_a p(a) exp(Q(s,a) / β) over visited children,
 * with p(a) the share of draws that gave a. β → ∞ is the mean over draws, β → 0 the maximum.
 *
 * @param options `beta` 0.1, in the units of the rewards
 * @throws RangeError when beta is not a positive finite number
 * @example
 * ```ts
 * import { softBackup } from '@svo/mcts';
 * softBackup({ beta: 0.5 }).name; // => 'soft(0.5)'
 * ```
 */
export function softBackup(options: { readonly beta?: number } = {}): Backup {
  assertOptions('softBackup', options, ['beta']);
  const { beta = 0.1 } = options;
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`softBackup: beta must be a positive finite number, got ${beta} (for β → 0 use maxBackup)`);
  }
  const at: Backup['at'] = (tree, node, ownVisits, ownTotal) => {
    const top = maximum(tree, node);
    if (top === Number.NEGATIVE_INFINITY) return ownValue(ownVisits, ownTotal);
    const first = tree.firstChildren[node]!;
    const end = first + tree.childCounts[node]!;
    let draws = 0;
    let total = 0;
    for (let child = first; child < end; child++) {
      if (tree.visits[child] === 0) continue;
      draws += tree.counts[child]!;
      total += tree.counts[child]! * Math.exp((tree.values[child]! - top) / beta);
    }
    return top + beta * Math.log(total / draws);
  };
  return { name: `soft(${beta})`, along: alongBy(at), at };
}

const maximum = (tree: Tree, node: number): number => {
  const first = tree.firstChildren[node]!;
  const end = first + tree.childCounts[node]!;
  let top = Number.NEGATIVE_INFINITY;
  for (let child = first; child < end; child++) {
    if (tree.visits[child]! > 0 && tree.values[child]! > top) top = tree.values[child]!;
  }
  return top;
};

const maxAt: Backup['at'] = (tree, node, ownVisits, ownTotal) => {
  const top = maximum(tree, node);
  return top === Number.NEGATIVE_INFINITY ? ownValue(ownVisits, ownTotal) : top;
};

/**
 * V(s) = max_a Q(s,a) over visited children: the value of the best play found. Exact once the tree is exhausted.
 *
 * @example
 * ```ts
 * import { maxBackup } from '@svo/mcts';
 * maxBackup.name; // => 'max'
 * ```
 */
export const maxBackup: Backup = { name: 'max', along: alongBy(maxAt), at: maxAt };
