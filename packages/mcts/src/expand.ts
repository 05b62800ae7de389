import type { Failure } from '@svo/mdp';
import { refreshMarks } from './ask.ts';
import type { Rules } from './rules.ts';
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
} from './status.ts';
import { addTo, MOST_CHILDREN, NONE, reserve, type Tree, type Usage } from './tree.ts';

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
  const first = tree.size;
  const depth = tree.depths[leaf]! + 1;
  let weight = 0;
  let total = 0;
  let correct = 0;
  for (const child of children) {
    const node = addChild(tree, leaf, depth, child);
    if (child.outcome === undefined) continue;
    const reward = rewardOf(rules, child);
    if (child.outcome === 'correct') correct++;
    if (reward === null || rules.terminalVisits === 'once') tree.statuses[node] = tree.statuses[node]! | CLOSED;
    if (reward === null) continue;
    tree.visits[node] = child.count;
    tree.values[node] = reward;
    weight += child.count;
    total += child.count * reward;
  }
  tree.firstChildren[leaf] = first;
  tree.childCounts[leaf] = children.length;
  const estimated = (tree.statuses[leaf]! & ESTIMATED) !== 0;
  tree.statuses[leaf] = (tree.statuses[leaf]! & ~(KIND | BLOCKED)) | EXPANDED;
  if (rules.leafVisit) {
    weight += 1;
    total += estimated ? tree.values[leaf]! : 0;
  }
  comeHome(tree, leaf);
  if (weight > 0) rules.backup.along(tree, leaf, weight, total / weight);
  if (correct > 0) markSolved(tree, leaf, correct);
  refreshMarks(tree, leaf);
  addTo(tree.usage, spent);
}

const addChild = (tree: Tree, parent: number, depth: number, child: Child): number => {
  const node = tree.size++;
  tree.parents[node] = parent;
  tree.firstChildren[node] = NONE;
  tree.depths[node] = depth;
  tree.priors[node] = child.prior;
  tree.counts[node] = child.count;
  let status = child.outcome === undefined ? OPEN : TERMINAL | outcomeBits(child.outcome);
  if (child.value !== undefined) {
    status |= ESTIMATED;
    tree.values[node] = child.value;
  }
  tree.statuses[node] = status;
  tree.texts.added.push(child.text);
  if (child.failure !== undefined) tree.failures.set(node, child.failure);
  return node;
};

/** What a terminal is worth: a value model's word where nobody judged, else the rules' reward for its outcome. */
export function rewardOf(rules: Rules, child: Pick<Child, 'outcome' | 'value'>): number | null {
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
 * release(tree, ask(tree, dvoSearch()));
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
