import type { Draw, Failure } from '@svo/mdp';
import type { Rules } from '../../rules/rules.ts';
import { addDraws, createDraws } from '../../tree/draws.ts';
import {
  BLOCKED,
  CLOSED,
  CORRECT,
  ESTIMATED,
  EXPANDED,
  IN_FLIGHT,
  KIND,
  OPEN,
  type Outcome,
  outcomeBits,
  TERMINAL,
} from '../../tree/status.ts';
import { addTo, MOST_CHILDREN, NONE, reserve, type Tree, type Usage } from '../../tree/tree.ts';
import { refreshMarks } from '../ask/ask.ts';

/** A candidate as the tree keeps it: judged, priced and merged. What a journal records of an answer. */
export interface Child {
  readonly text: string;
  /** π(a | s). */
  readonly prior: number;
  /** How often it was drawn. */
  readonly count: number;
  /** How it ended; `undefined` for a step to go on from. */
  readonly outcome: Outcome | undefined;
  /** A value model's estimate of the state after the step. For an `undecided` terminal it stands in for the reward. */
  readonly value: number | undefined;
  readonly failure: Failure | undefined;
  /** What was drawn for it, where the policy gave token ids and log-probs. */
  readonly draw?: Draw | undefined;
}

/**
 * Gives a leaf in flight its children and backs up what they tell: each terminal its reward, `count` times, and the leaf
 * itself once if the rules say so. The half of `tell` that needs no verifier; journals replay through it.
 */
export function expand(tree: Tree, rules: Rules, leaf: number, children: readonly Child[], spent: Usage): void {
  if (tree.size + children.length > 2 ** 31 - 1 || children.length > MOST_CHILDREN) {
    throw new RangeError(`expand: a node may have at most ${MOST_CHILDREN} children, got ${children.length}`);
  }
  reserve(tree, children.length);
  const { parents, firstChildren, childCounts, depths, visits, values, priors, counts, statuses, texts } = tree;
  const first = tree.size;
  const depth = depths[leaf]! + 1;
  let weight = 0;
  let total = 0;
  let correct = 0;
  let drawn = tree.draws !== undefined;
  for (let k = 0; k < children.length; k++) {
    const child = children[k]!;
    const node = first + k;
    parents[node] = leaf;
    firstChildren[node] = NONE;
    depths[node] = depth;
    priors[node] = child.prior;
    counts[node] = child.count;
    texts.added.push(child.text);
    let status = statusOf(child);
    if (child.value !== undefined) values[node] = child.value;
    if (child.failure !== undefined) tree.failures.set(node, child.failure);
    if (child.draw !== undefined) drawn = true;
    if (child.outcome !== undefined) {
      if (child.outcome === 'correct') correct++;
      const reward = rewardOf(rules, child);
      if (reward === null || rules.terminalVisits === 'once') status |= CLOSED;
      if (reward !== null) {
        visits[node] = child.count;
        values[node] = reward;
        weight += child.count;
        total += child.count * reward;
      }
    }
    statuses[node] = status;
  }
  if (drawn) {
    tree.draws ??= createDraws(first);
    addDraws(
      tree.draws,
      first,
      children.map(({ draw }) => draw),
    );
  }
  tree.size += children.length;
  firstChildren[leaf] = first;
  childCounts[leaf] = children.length;
  const own = statuses[leaf]!;
  statuses[leaf] = (own & ~(KIND | BLOCKED)) | EXPANDED;
  if (rules.leafVisit) {
    weight += 1;
    total += (own & ESTIMATED) !== 0 ? values[leaf]! : 0;
  }
  comeHome(tree, leaf);
  if (weight > 0) rules.backup.along(tree, leaf, weight, total / weight);
  if (correct > 0) markSolved(tree, leaf, correct);
  refreshMarks(tree, leaf);
  addTo(tree.usage, spent);
}

/** The status of a child as it comes. */
const statusOf = ({ outcome, value }: Child): number =>
  (outcome === undefined ? OPEN : TERMINAL | outcomeBits(outcome)) | (value === undefined ? 0 : ESTIMATED);

/** What a terminal is worth: a value model's word where nobody judged, else the rules' reward for its outcome. */
function rewardOf(rules: Rules, child: Pick<Child, 'outcome' | 'value'>): number | null {
  if (child.outcome === 'undecided' && child.value !== undefined) return child.value;
  return rules.rewards[child.outcome!];
}

const comeHome = (tree: Tree, leaf: number): void => {
  const { pending, parents } = tree;
  for (let s = leaf; s !== NONE; s = parents[s]!) pending[s] = pending[s]! - 1;
  tree.inFlight--;
};

const markSolved = (tree: Tree, node: number, correct: number): void => {
  tree.solutions += correct;
  const { statuses, parents } = tree;
  for (let s = node; s !== NONE && (statuses[s]! & CORRECT) === 0; s = parents[s]!)
    statuses[s] = statuses[s]! | CORRECT;
};

/**
 * Takes a leaf back that will not be answered: it is open again, as if it had never been handed out.
 *
 * @throws RangeError when the leaf is not in flight
 * @example
 * ```ts
 * import { ask, createTree, dvoSearch, release } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: 'What is 2 + 3?' });
 * release(tree, ask(tree, dvoSearch())!);
 * ask(tree, dvoSearch()); // => 0
 * ```
 */
export function release(tree: Tree, leaf: number): void {
  if ((tree.statuses[leaf]! & KIND) !== IN_FLIGHT) {
    throw new RangeError(`release: node ${leaf} must be in flight`);
  }
  tree.statuses[leaf] = tree.statuses[leaf]! & ~(KIND | BLOCKED);
  comeHome(tree, leaf);
  tree.iterations--;
  const parent = tree.parents[leaf]!;
  if (parent !== NONE) refreshMarks(tree, parent);
}
