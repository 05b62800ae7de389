import { assertOptions } from '@svo/mdp';
import { terminalOutcome } from '../../tree/node-status.ts';
import { stateOf } from '../../tree/path.ts';
import { EXPANDED, KIND } from '../../tree/status.ts';
import { treeSummary } from '../../tree/summary.ts';
import type { Tree } from '../../tree/tree.ts';
import { type Decoded, type Response, rankResponses, responseOf } from '../decoded.ts';

/**
 * A tree's response, for MCTS at inference: from the root, the visited child of the largest value until the end. Then, by
 * their score, all other trajectories that ended; what the tree cost is the cost. Of a tree whose search failed, because
 * every draw was lost, there is no best response.
 *
 * @param options `by`: `'value'` (the default), or `'visits'`, the robust child. Where a terminal counts once, visits say how
 *   large a subtree was as much as how good, and on planted trees the value chose better at every budget (benchmarks/mcts)
 * @example
 * ```ts
 * import { bestResponse, createTree } from '@svo/mcts';
 * bestResponse(createTree({ id: 'q1', prompt: '2 + 3?' })).best!.finished; // => false
 * ```
 */
export function bestResponse(tree: Tree, options: { readonly by?: 'visits' | 'value' } = {}): Decoded {
  assertOptions('bestResponse', options, ['by']);
  const chosen = follow(tree, options.by ?? 'value');
  const terminals: number[] = [];
  const lost: Response[] = [];
  for (let node = 1; node < tree.size; node++) {
    const outcome = terminalOutcome(tree, node);
    if (outcome === 'lost') lost.push(responseOf(stateOf(tree, node), false, Number.NaN, tree.failures.get(node)));
    else if (node !== chosen && outcome !== undefined) terminals.push(node);
  }
  const response = (node: number) => {
    const outcome = terminalOutcome(tree, node);
    const finished = outcome === 'correct' || outcome === 'wrong' || outcome === 'undecided';
    return responseOf(stateOf(tree, node), finished, tree.values[node]!, tree.failures.get(node));
  };
  const best = treeSummary(tree).failed ? undefined : response(chosen);
  const others = rankResponses(terminals.map(response));
  return { best, responses: best === undefined ? others : [best, ...others], lost, cost: { ...tree.usage } };
}

const follow = (tree: Tree, by: 'visits' | 'value'): number => {
  let node = 0;
  while ((tree.statuses[node]! & KIND) === EXPANDED) {
    const first = tree.firstChildren[node]!;
    let best = -1;
    for (let child = first; child < first + tree.childCounts[node]!; child++) {
      if (tree.visits[child] === 0) continue;
      if (best === -1 || isBetter(tree, child, best, by)) best = child;
    }
    if (best === -1) return node;
    node = best;
  }
  return node;
};

const isBetter = ({ visits, values, priors }: Tree, a: number, b: number, by: 'visits' | 'value'): boolean => {
  const [first, second] = by === 'visits' ? [visits, values] : [values, visits];
  if (first[a] !== first[b]) return first[a]! > first[b]!;
  if (second[a] !== second[b]) return second[a]! > second[b]!;
  return priors[a]! > priors[b]!;
};
