import type { Question } from '@svo/mdp';

/** A question and its worked solution, step by step, delimiters included. */
export interface Worked {
  readonly question: Question;
  readonly solution: readonly string[];
}
