import type { Question } from '@svo/mdp';
import type { Objective, Settings } from '@svo/recipes';
import type { RowCount } from './traces.ts';
import type { Vocabulary } from './vocabulary.ts';
import type { Worked } from './worked.ts';

/** Everything about a task, and every number of the main job that is not an option. docs/log.md says how they were found. */
export interface Task {
  readonly name: string;
  /** Worked solutions that the base learns from. */
  readonly solutions: readonly Worked[];
  /** Questions to draw and search, none of them among the solutions; each round takes its own. */
  readonly questions: readonly Question[];
  /** Unseen questions of the evaluations, none of them among the others. */
  readonly test: readonly Question[];
  /** What became of every row that was read from a file. */
  readonly rows: readonly RowCount[];
  readonly vocabulary: Vocabulary;
  readonly size: ModelSize;
  readonly base: BaseRecipe;
  readonly search: SearchRecipe;
  /** The most tokens of a whole response. */
  readonly responseTokens: number;
  readonly settings: Readonly<Record<Objective, Settings>>;
  /** What each step of a response is and whether it is right, where the task can tell. */
  readonly kinds?: (question: Question, steps: readonly string[]) => readonly StepKind[];
}

/** A decoder small enough to learn its task on two cores in half a minute. */
export interface ModelSize {
  readonly hidden: number;
  readonly mlp: number;
  readonly layers: number;
  readonly heads: number;
}

/** How the base is trained: a number of updates, or until it passes its gate. */
export interface BaseRecipe {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** The updates; with a gate, the most before cooling. */
  readonly updates: number;
  readonly gate?: Gate;
}

/**
 * When a base has learned what the task is about: the share of plain steps it does right, sampled. From then on it is
 * cooled: so many updates more while the rate falls to a tenth.
 */
export interface Gate {
  readonly questions: readonly Question[];
  /** Cooling begins when at least this share of plain steps is right. */
  readonly begin: number;
  /** The gate itself, after cooling: plain steps at least, merged steps at most. */
  readonly plain: number;
  readonly merged: number;
  readonly updatesBetweenChecks: number;
  readonly cooling: number;
}

export interface SearchRecipe {
  readonly breadth: number;
  readonly depth: number;
  readonly temperature: number;
  /** The most tokens of a step. */
  readonly stepTokens: number;
}

/** One step of a response. */
export interface StepKind {
  /** The next operation alone, several at once, or something else. */
  readonly kind: 'plain' | 'merged' | 'other';
  readonly right: boolean;
}
