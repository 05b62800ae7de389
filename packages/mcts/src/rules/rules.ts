import type { Candidate, Verifier } from '@svo/mdp';
import type { Outcome } from '../tree/status.ts';
import type { Tree } from '../tree/tree.ts';

/**
 * A function may declare an `id` that names it with its numbers, as all rules of this package do: a journal keeps it, and is
 * not continued under another. Of a function without one a resumed search says that it can't know. To give one:
 * `Object.assign(rule, { id: 'mine, 2' })`.
 */
interface Named {
  readonly id?: string;
}

/** Which child of an expanded node to follow, −1 when none is available. Must skip children marked closed or blocked. */
export interface SelectionRule extends Named {
  (tree: Tree, node: number): number;
}

/** Q of a child that was never visited, from its parent's value and visits. */
export interface FirstPlay extends Named {
  (parentValue: number, parentVisits: number): number;
}

/** π(a | s) of a candidate among its siblings, ≥ 0; need not sum to 1. */
export interface Prior extends Named {
  (candidate: Candidate, siblings: readonly Candidate[]): number;
}

/** Whether to hand out no further leaf. Looked at before each leaf; leaves in flight still come home. */
export interface StopRule extends Named {
  (tree: Tree): boolean;
}

/** How results become values. Two functions over the same arrays; see backup.ts. */
export interface Backup {
  readonly name: string;
  /** Adds `weight` visits of mean `value` to `node` and every node above it. Children of `node` are up to date. */
  readonly along: (tree: Tree, node: number, weight: number, value: number) => void;
  /** V(s) of an expanded node from its children and its own evaluations, `ownVisits` of them adding up to `ownTotal`. */
  readonly at: (tree: Tree, node: number, ownVisits: number, ownTotal: number) => number;
}

/** What each outcome is worth. `null`: not counted, the node gets no visit and its parents learn nothing from it. */
export type Rewards = Readonly<Record<Outcome, number | null>>;

/** Everything a search needs to know, as one plain record. `dvoSearch` and `svpoSearch` make such records. */
export interface Rules {
  /** Names the rules with their numbers; written to journals, so that a tree is not continued under other rules. */
  readonly id: string;
  /** K, candidates to ask for at each expansion. */
  readonly breadth: number;
  /** The most steps of a trajectory; a node there that has no answer ends as `deep`. */
  readonly depth: number;
  readonly select: SelectionRule;
  readonly prior: Prior;
  readonly backup: Backup;
  readonly stop: StopRule;
  readonly rewards: Rewards;
  /** Judges whole responses. Without one, answers need a value (`tell`'s last argument). */
  readonly verifier?: Verifier;
  /** Whether an expanded leaf counts as a visit of its own, worth its estimate or 0 (SVPO), or only terminals do (DVO). */
  readonly leafVisit: boolean;
  /** Whether a terminal is backed up once, when found, or again each time the search walks into it. */
  readonly terminalVisits: 'once' | 'every';
}
