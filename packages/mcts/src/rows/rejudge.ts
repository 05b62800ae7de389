import type { Verifier } from '@svo/mdp';
import type { Rules } from '../rules/rules.ts';
import { outcomeOfVerdict } from '../search/tell/judge.ts';
import { type NodeStatus, terminalOutcome } from '../tree/node-status.ts';
import { stateOf } from '../tree/path.ts';
import { CLOSED, CORRECT, ESTIMATED, EXPANDED, KIND, type Outcome, withOutcome } from '../tree/status.ts';
import type { Tree } from '../tree/tree.ts';

/** Outcomes that were an answer's, and that another verifier may see differently. */
const JUDGED: ReadonlySet<Outcome | undefined> = new Set<NodeStatus['outcome']>(['correct', 'wrong', 'undecided']);

/**
 * Judges every answer in a tree again, with another verifier or other rewards, and recomputes every value from the leaves
 * up, without a new search: a checker's false negative need not stay in Q. Nodes nothing changes below keep their bits.
 *
 * The tree keeps its shape: it is what the old verdicts made the search look at, with the values the new ones give it.
 *
 * @param rules what the tree was searched with, but for `verifier` and `rewards`
 * @returns how many terminals changed their outcome or reward
 * @throws RangeError without a verifier, or with leaves in flight
 * @example
 * ```ts
 * import { ask, createTree, rejudge, svpoSearch, tell, uniformPrior } from '@svo/mcts';
 * const strict = svpoSearch({ verifier: () => ({ equivalent: false, how: 'strict' }), prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * tell(tree, strict, ask(tree, strict)!, [{ text: '5.0', count: 1, finish: 'answer' }]);
 * const before = tree.values[0];
 * const changed = rejudge(tree, { ...strict, verifier: () => ({ equivalent: true, how: 'numeric' }) });
 * [before, changed, tree.values[0]]; // => [-0.5, 1, 0.5]
 * ```
 */
export function rejudge(tree: Tree, rules: Rules): number {
  const { verifier } = rules;
  if (verifier === undefined) throw new RangeError('rejudge: rules.verifier must be given');
  if (tree.inFlight > 0) {
    throw new RangeError(`rejudge: no leaf may be in flight, got ${tree.inFlight} (tell or release them first)`);
  }
  const own = ownEvaluations(tree);
  const touched = new Uint8Array(tree.size);
  let changed = 0;
  for (let node = 1; node < tree.size; node++) {
    if (judgeAgain(tree, rules, verifier, node)) {
      touched[node] = 1;
      changed++;
    }
  }
  if (changed > 0) recompute(tree, rules, own, touched);
  return changed;
}

/** What each node adds of its own: its visits and total less its children's. The running mean needs it, nothing else does. */
const ownEvaluations = (tree: Tree): { readonly visits: Float64Array; readonly totals: Float64Array } => {
  const visits = Float64Array.from(tree.visits.subarray(0, tree.size));
  const totals = visits.map((n, node) => n * tree.values[node]!);
  for (let node = tree.size - 1; node > 0; node--) {
    const parent = tree.parents[node]!;
    visits[parent]! -= tree.visits[node]!;
    totals[parent]! -= tree.visits[node]! * tree.values[node]!;
  }
  return { visits, totals };
};

const judgeAgain = (tree: Tree, rules: Rules, verifier: Verifier, node: number): boolean => {
  const before = terminalOutcome(tree, node);
  if (before === undefined) return false;
  const outcome = JUDGED.has(before)
    ? outcomeOfVerdict(verifier(tree.question, stateOf(tree, node).steps.join('')))
    : before;
  // Where nobody could judge, a value model's word stands.
  const estimated = before === 'undecided' && outcome === before && (tree.statuses[node]! & ESTIMATED) !== 0;
  const reward = estimated ? tree.values[node]! : rules.rewards[outcome];
  const visits = reward === null ? 0 : Math.max(tree.visits[node]!, tree.counts[node]!);
  const value = reward ?? 0;
  const same = outcome === before && visits === tree.visits[node] && value === tree.values[node];
  if (same) return false;
  const closed = reward === null || rules.terminalVisits === 'once' ? CLOSED : 0;
  tree.statuses[node] = (withOutcome(tree.statuses[node]!, outcome) & ~(CLOSED | ESTIMATED)) | closed;
  tree.visits[node] = visits;
  tree.values[node] = value;
  return true;
};

const recompute = (tree: Tree, rules: Rules, own: ReturnType<typeof ownEvaluations>, touched: Uint8Array): void => {
  const { parents, visits, values, statuses } = tree;
  tree.solutions = 0;
  const below = new Float64Array(tree.size);
  const solved = new Uint8Array(tree.size);
  for (let node = tree.size - 1; node >= 0; node--) {
    if ((statuses[node]! & KIND) === EXPANDED) {
      if (touched[node] === 1) {
        visits[node] = own.visits[node]! + below[node]!;
        values[node] = rules.backup.at(tree, node, own.visits[node]!, own.totals[node]!);
      }
      statuses[node] = withOutcome(statuses[node]!, solved[node] === 1 ? 'correct' : undefined);
    } else if (terminalOutcome(tree, node) === 'correct') {
      tree.solutions++;
      solved[node] = 1;
    }
    if (node === 0) return;
    const parent = parents[node]!;
    below[parent]! += visits[node]!;
    touched[parent]! |= touched[node]!;
    solved[parent]! |= (statuses[node]! & (7 << 2)) === CORRECT ? 1 : 0;
  }
};
