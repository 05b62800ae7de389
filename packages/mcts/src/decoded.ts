import type { Failure, State } from '@svo/mdp';
import type { Answer } from './answer.ts';
import { spentOn } from './tell.ts';
import { addTo, type Usage } from './tree.ts';

/** What finding a response cost: every request, draw and token counts, those thrown away included. */
export type Cost = Readonly<Usage>;

/** One response that a search at inference came to. */
export interface Response {
  readonly steps: readonly string[];
  /** The steps joined. */
  readonly text: string;
  /** Whether it ends in an answer; if not, it was cut off, too deep, or failed. */
  readonly finished: boolean;
  /** What it was ranked by: a value, a vote, or a mean log-probability. */
  readonly score: number;
  readonly failure?: Failure;
}

/** The best response, all of them by descending score, and what they cost. */
export interface Decoded {
  readonly best: Response | undefined;
  readonly responses: readonly Response[];
  readonly cost: Cost;
}

export const NO_COST: Cost = { requests: 0, candidates: 0, tokens: 0, failures: 0, estimates: 0 };

/** The cost with some answers added. */
export function withAnswers(cost: Cost, answers: readonly Answer[]): Cost {
  return answers.reduce((sum, { candidates, values }) => addTo(sum, spentOn(candidates, values)), { ...cost });
}

/** Finished responses first, then by score; a stable order, so that ties stay as they were drawn. */
export function rankResponses(responses: readonly Response[]): Response[] {
  return [...responses].sort((a, b) => Number(b.finished) - Number(a.finished) || b.score - a.score);
}

/** A response from a state. */
export function responseOf(state: State, finished: boolean, score: number, failure: Failure | undefined): Response {
  const { steps } = state;
  return { steps, text: steps.join(''), finished, score, ...(failure === undefined ? {} : { failure }) };
}
