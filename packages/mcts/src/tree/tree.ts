import { assertOptions, type Draw, type Failure, type Question, type Step } from '@svo/mdp';
import type { Draws } from './draws.ts';
import { OPEN } from './status.ts';
import { type Texts, textsOf } from './texts.ts';

/** The parent of the root. */
export const NONE = -1;

/** The most children a node may have, and the most leaves of one tree that may be in flight: what the arrays can count. */
export const MOST_CHILDREN = 65_535;
export const MOST_IN_FLIGHT = 255;
export const MOST_DEPTH = 65_535;

/** What decided a tree, by name: policy, judge, rules and their numbers. `null`: a function without an id, which nobody can know. */
export type Fingerprint = Readonly<Record<string, string | number | null>>;

/** What a search has spent. Retries happen below the policy; its own ledger counts them. */
export interface Usage {
  /** Leaves answered, failures included: one request each. */
  requests: number;
  /** Candidates received, before merging. */
  candidates: number;
  /** Tokens of those candidates, where the policy says. */
  tokens: number;
  /** Candidates that ended in a typed failure, lost ones included. */
  failures: number;
  /** Candidates that a server's fault kept from coming: they count for nothing but here. */
  lost: number;
  /** States a value model estimated. */
  estimates: number;
}

/**
 * A search tree as a structure of arrays: a node is an integer, the root is 0, −1 is none. A node's children are
 * consecutive, and every child has a larger number than its parent. The arrays are longer than the tree; `size` nodes count.
 *
 * `ask`, `tell` and `rejudge` write it, everything else reads. Arrays are replaced when the tree grows: read them from the
 * tree again after each `tell`.
 *
 * Statistics take 32 bytes a node; texts are JavaScript strings, so equal strings of one origin are shared. What was drawn
 * takes 4 bytes a node and 12 a token more, in trees whose policy gives it.
 */
export interface Tree {
  readonly question: Question;
  /** The caller's seed; streams are split from it by question and by state, never by the order of arrival. */
  readonly seed: number;
  /** Steps taken before the root: none, unless the tree was re-rooted. They count towards the depth limit. */
  readonly prefix: readonly Step[];
  /** What the tree was searched with, where a search made it; files keep it. */
  fingerprint: Fingerprint | undefined;
  /** N, the number of nodes. */
  size: number;
  /** [N] the parent, −1 for the root. */
  parents: Int32Array;
  /** [N] the first child, −1 without children. */
  firstChildren: Int32Array;
  /** [N] how many children. */
  childCounts: Uint16Array;
  /** [N] how many steps from the root. */
  depths: Uint16Array;
  /** [N] N(s), visits backed up through the node; leaves in flight are not among them. */
  visits: Uint32Array;
  /** [N] V(s), in the units of the rewards; 0 before the first visit, unless a value model said more. */
  values: Float64Array;
  /** [N] π(a | s) of the step into the node, by the rule's prior. */
  priors: Float32Array;
  /** [N] how often the step was drawn; merged candidates add up. */
  counts: Uint16Array;
  /** [N] see status.ts. */
  statuses: Uint8Array;
  /** [N] leaves in flight at or below the node: virtual visits. */
  pending: Uint8Array;
  /** [N] the step into the node, delimiter included; '' for the root. See `textOf`. */
  texts: Texts;
  /** What was drawn for each step, where the policy gave token ids and log-probs; see `drawOf`. */
  draws: Draws | undefined;
  /** What was drawn for the steps before the root. */
  readonly prefixDraws: readonly (Draw | undefined)[];
  /** What went wrong, by node. */
  readonly failures: Map<number, Failure>;
  /** How often a leaf's draws were all lost, by node. */
  readonly lostAnswers: Map<number, number>;
  /** Leaves handed out, but for those all of whose draws were lost, plus terminals revisited. */
  iterations: number;
  /** Leaves out with the model. */
  inFlight: number;
  /** Correct terminals. */
  solutions: number;
  readonly usage: Usage;
}

/**
 * A tree with its root only, which is an open leaf.
 *
 * @param question what the tree is for; its `id` is the key everywhere
 * @param options `seed` 0, any safe integer; `capacity` 256, nodes to make room for at first; `prefix` none, steps taken
 *   before the root; `prefixDraws` none, what was drawn for them
 * @throws RangeError when the question has no id or no prompt, or the seed or the capacity is not a usable integer
 * @example
 * ```ts
 * import { createTree } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: 'What is 2 + 3?' }, { seed: 7 });
 * tree.size; // => 1
 * ```
 */
export function createTree(
  question: Question,
  options: {
    readonly seed?: number;
    readonly capacity?: number;
    readonly prefix?: readonly Step[];
    readonly prefixDraws?: readonly (Draw | undefined)[];
  } = {},
): Tree {
  assertOptions('createTree', options, ['seed', 'capacity', 'prefix', 'prefixDraws']);
  const { seed = 0, capacity = 256, prefix = [], prefixDraws = [] } = options;
  if (typeof question.id !== 'string' || typeof question.prompt !== 'string') {
    throw new RangeError(`createTree: question must have an id and a prompt, got ${JSON.stringify(question)}`);
  }
  if (!Number.isSafeInteger(seed)) throw new RangeError(`createTree: seed must be a safe integer, got ${seed}`);
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > 2 ** 31 - 1) {
    throw new RangeError(`createTree: capacity must be an integer in [1, 2^31), got ${capacity}`);
  }
  const tree: Tree = {
    question,
    seed,
    prefix,
    fingerprint: undefined,
    size: 1,
    parents: new Int32Array(capacity),
    firstChildren: new Int32Array(capacity),
    childCounts: new Uint16Array(capacity),
    depths: new Uint16Array(capacity),
    visits: new Uint32Array(capacity),
    values: new Float64Array(capacity),
    priors: new Float32Array(capacity),
    counts: new Uint16Array(capacity),
    statuses: new Uint8Array(capacity),
    pending: new Uint8Array(capacity),
    texts: textsOf(['']),
    draws: undefined,
    prefixDraws,
    failures: new Map(),
    lostAnswers: new Map(),
    iterations: 0,
    inFlight: 0,
    solutions: 0,
    usage: noUsage(),
  };
  tree.parents[0] = NONE;
  tree.firstChildren[0] = NONE;
  tree.priors[0] = 1;
  tree.counts[0] = 1;
  tree.statuses[0] = OPEN;
  return tree;
}

/** Makes room for `extra` more nodes: twice as much, array by array, so that little is held twice. */
export function reserve(tree: Tree, extra: number): void {
  const needed = tree.size + extra;
  const held = tree.parents.length;
  if (needed <= held) return;
  const capacity = Math.max(needed, 2 * held);
  tree.parents = grown(tree.parents, new Int32Array(capacity));
  tree.firstChildren = grown(tree.firstChildren, new Int32Array(capacity));
  tree.childCounts = grown(tree.childCounts, new Uint16Array(capacity));
  tree.depths = grown(tree.depths, new Uint16Array(capacity));
  tree.visits = grown(tree.visits, new Uint32Array(capacity));
  tree.values = grown(tree.values, new Float64Array(capacity));
  tree.priors = grown(tree.priors, new Float32Array(capacity));
  tree.counts = grown(tree.counts, new Uint16Array(capacity));
  tree.statuses = grown(tree.statuses, new Uint8Array(capacity));
  tree.pending = grown(tree.pending, new Uint8Array(capacity));
}

const grown = <A extends { set(from: A): void }>(from: A, to: A): A => {
  to.set(from);
  return to;
};

/** Nothing spent. */
export const noUsage = (): Usage => ({ requests: 0, candidates: 0, tokens: 0, failures: 0, lost: 0, estimates: 0 });

/** Adds one usage to another, in place. */
export function addTo(sum: Usage, usage: Usage): Usage {
  sum.requests += usage.requests;
  sum.candidates += usage.candidates;
  sum.tokens += usage.tokens;
  sum.failures += usage.failures;
  sum.lost += usage.lost;
  sum.estimates += usage.estimates;
  return sum;
}
