import type { Policy, Question, ValueModel } from '@svo/mdp';
import type { Rules } from '../rules/rules.ts';
import type { Tree, Usage } from '../tree/tree.ts';
import type { Journal } from './journal/journal.ts';

/** What a search over many questions needs. */
export interface SearchManyOptions {
  readonly questions: Iterable<Question>;
  readonly policy: Policy;
  readonly rules: Rules;
  /** 0; any safe integer. Each tree splits its own streams from it by question id. */
  readonly seed?: number;
  /** How many trees to have under search at once: 256 in waves, 64 in the stream. */
  readonly trees?: number;
  /** How many leaves of one tree to keep in flight: 1. */
  readonly leaves?: number;
  /**
   * `'ordered'` (the default): answers are told in the order their leaves were asked, so a tree depends on its question, the
   * seed, the rules and `leaves` alone. `'free'`: told as they come, which keeps a server busier and repeats only by journal.
   */
  readonly order?: 'ordered' | 'free';
  /**
   * `'waves'`: all leaves of all trees go to `policy.proposeMany` in one call, again and again; for a model in this process.
   * `'stream'`: each leaf is its own `policy.propose`; for a server that batches by itself. By default waves where the policy
   * has `proposeMany`.
   */
  readonly schedule?: 'waves' | 'stream';
  /** Estimates states, for search without a verifier or beside it. */
  readonly valueModel?: ValueModel;
  /**
   * SVPO's rule: further trees for a question until its trees hold `solutions` right responses or there are `trees`; equal
   * responses count once. `svpoTrees` are the paper's numbers.
   */
  readonly repeat?: { readonly trees: number; readonly solutions: number };
  /**
   * Where every ask and tell is recorded. A search whose journal has a past goes on from it: trees already finished are
   * yielded again, leaves that were out are asked again with the seed they had. Policy, value model, judge, question with its
   * answer, seed and each of the rules must be what they were, by their ids; a warning names those that have none.
   */
  readonly journal?: Journal;
  readonly signal?: AbortSignal;
}

/** A finished tree. */
export interface TreeRecord {
  readonly kind: 'tree';
  /** The question's place in `questions`: results are told apart by it, never by the question's text. */
  readonly index: number;
  /** Which tree of the question, from 0; see `repeat`. */
  readonly attempt: number;
  /** Whether no further tree of the question follows. */
  readonly last: boolean;
  readonly question: Question;
  readonly tree: Tree;
}

/** How far the search is; after each wave, or in the stream before each finished tree. */
export interface ProgressRecord {
  readonly kind: 'progress';
  /** Calls of `proposeMany`; in the stream, leaves answered. */
  readonly wave: number;
  /** Requests in this wave; in the stream, in flight. */
  readonly requests: number;
  readonly finished: number;
  readonly active: number;
  /** Sums over all trees so far. */
  readonly usage: Usage;
}
