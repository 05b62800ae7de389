/** One cell of the study: everything its numbers depend on, as plain JSON. The same cell always gives the same row. */
import { contentHash } from '@svo/mdp';
import type { Objective, Settings } from '@svo/recipes';
import type { TaskName } from '../options.ts';
import type { Variant } from './variants.ts';

/** An objective by its recipe, one with something changed, or no training at all. */
export type Method = Objective | Variant | 'base';

/**
 * Where values come from: shared prefixes of independent draws, search, rollouts from every state of the draws, or a model
 * that learned how the draws ended.
 */
export type Values = 'prefix' | 'search' | 'rollouts' | 'model';

/** How strong the model is that everything starts from: stopped by the task's gate, or trained on. */
export type BaseStrength = 'gate' | 'longer';

/** How much a bench holds. The base depends on it: it learns from no solution of a question that is asked later. */
export interface Sizes {
  /** Questions of a round; a cell may take the first of them alone. */
  readonly questions: number;
  readonly draws: number;
  readonly testQuestions: number;
  /** Rounds there are questions for. */
  readonly rounds: number;
}

export interface Cell {
  readonly task: TaskName;
  readonly base: BaseStrength;
  readonly sizes: Sizes;
  /** The seed of questions, worked solutions, base and material; cells of one seed share them. */
  readonly seed: number;
  /** The seed of the order of the batches, and of what an objective trains beside the policy. */
  readonly training: number;
  readonly method: Method;
  readonly values: Values;
  /** Leaves that a search expands for a question. */
  readonly iterations: number;
  /** Questions trained on, a round. */
  readonly questions: number;
  readonly rounds: number;
  readonly settings: Settings;
}

/** A cell and what came of it: answers right, greedy and sampled, of so many unseen questions. */
export interface Row {
  readonly cell: Cell;
  readonly greedy: number;
  readonly sampled: number;
  readonly of: number;
  /** Where a value head was trained: answers right by step-level beam search with so many beams, of the first so many questions. */
  readonly beams?: { readonly 1: number; readonly 3: number; readonly of: number };
  /** Processor time; the first cell on a bench pays for the base and the material. */
  readonly seconds: number;
  /**
   * Names the arithmetic it was worked out with, by what the bench's base came to; `before` where the row is older than
   * 2026-11-30 19:00, when the wasm sums changed their order. Rows are compared with rows of the same arithmetic alone.
   */
  readonly bits: string;
}

/** A cell's name: the hash of all it holds. */
export const cellId = (cell: Cell): string => contentHash(cell);

/** What a bench is: cells that agree in it share a base and material. */
export const benchId = ({ task, base, seed, sizes }: Cell): string =>
  `${task}-${base}-${seed}-${sizes.questions}x${sizes.rounds}-${sizes.draws}-${sizes.testQuestions}`;
