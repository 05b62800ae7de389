import { addDraws, createDraws, drawAt } from '../tree/draws.ts';
import { terminalOutcome } from '../tree/node-status.ts';
import { requireNode, stateOf } from '../tree/path.ts';
import { KIND, TERMINAL } from '../tree/status.ts';
import { textAt, textsOf } from '../tree/texts.ts';
import { createTree, NONE, reserve, type Tree } from '../tree/tree.ts';

/**
 * The subtree below `node` as a tree of its own, statistics kept: for a search that has taken a step and goes on from there.
 * The steps up to the node become the new tree's `prefix`, so every state, request seed, judgement and depth limit is as it
 * was. Iterations and usage count from 0 again.
 *
 * @throws RangeError when the tree has no such node, when the node is terminal, or with leaves in flight
 * @example
 * ```ts
 * import { ask, createTree, reroot, stateOf, svpoSearch, tell, uniformPrior } from '@svo/mcts';
 * const rules = svpoSearch({ prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * tell(tree, rules, ask(tree, rules)!, [{ text: 'First, ', count: 1, finish: 'step' }]);
 * stateOf(reroot(tree, 1), 0); // => { questionId: 'q1', steps: ['First, '] }
 * ```
 */
export function reroot(tree: Tree, node: number): Tree {
  requireNode('reroot', tree, node);
  if (tree.inFlight > 0) throw new RangeError(`reroot: no leaf may be in flight, got ${tree.inFlight}`);
  if ((tree.statuses[node]! & KIND) === TERMINAL) throw new RangeError(`reroot: node ${node} must not be terminal`);
  const moved = [node];
  for (let at = 0; at < moved.length; at++) {
    const first = tree.firstChildren[moved[at]!]!;
    for (let k = 0; k < tree.childCounts[moved[at]!]!; k++) moved.push(first + k);
  }
  const place = new Map(moved.map((old, at) => [old, at]));
  const { steps, draws = [] } = stateOf(tree, node);
  const own = createTree(tree.question, { seed: tree.seed, prefix: steps, prefixDraws: draws, capacity: 1 });
  reserve(own, moved.length - 1);
  own.fingerprint = tree.fingerprint;
  own.size = moved.length;
  moved.forEach((old, at) => {
    own.parents[at] = at === 0 ? NONE : place.get(tree.parents[old]!)!;
    own.firstChildren[at] = tree.firstChildren[old] === NONE ? NONE : place.get(tree.firstChildren[old]!)!;
    own.depths[at] = tree.depths[old]! - tree.depths[node]!;
    for (const name of ['childCounts', 'visits', 'values', 'priors', 'counts', 'statuses'] as const) {
      own[name][at] = tree[name][old]!;
    }
    const failure = tree.failures.get(old);
    if (failure !== undefined) own.failures.set(at, failure);
    const lost = tree.lostAnswers.get(old);
    if (lost !== undefined) own.lostAnswers.set(at, lost);
  });
  own.texts = textsOf(moved.map((old, at) => (at === 0 ? '' : textAt(tree.texts, old))));
  if (tree.draws !== undefined) {
    own.draws = createDraws(1);
    addDraws(
      own.draws,
      0,
      moved.map((old, at) => (at === 0 ? undefined : drawAt(tree.draws, old))),
    );
  }
  own.solutions = countSolutions(own);
  return own;
}

const countSolutions = (tree: Tree): number => {
  let solutions = 0;
  for (let node = 0; node < tree.size; node++) if (terminalOutcome(tree, node) === 'correct') solutions++;
  return solutions;
};
