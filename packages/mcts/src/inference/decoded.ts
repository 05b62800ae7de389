import type { Failure, Question, State, ValueModel } from '@svo/mdp';
import type { Usage } from '../tree/tree.ts';

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
  /** `undefined` where none came: then the search failed, which is no wrong answer. */
  readonly best: Response | undefined;
  readonly responses: readonly Response[];
  /**
   * Those that a server's fault ended, with the `failure` and the steps so far: they have no score, and belong in no ranking,
   * no vote and no accuracy.
   */
  readonly lost: readonly Response[];
  readonly cost: Cost;
}

/** Finished responses first, then by score, those without one last; a stable order, so that ties stay as they were drawn. */
export function rankResponses(responses: readonly Response[]): Response[] {
  const rank = ({ score }: Response): number => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score);
  // Compared, not subtracted: the difference of two infinities orders nothing.
  const better = (a: number, b: number): number => (a > b ? -1 : a < b ? 1 : 0);
  return [...responses].sort((a, b) => Number(b.finished) - Number(a.finished) || better(rank(a), rank(b)));
}

/** A response from a state. */
export function responseOf(state: State, finished: boolean, score: number, failure: Failure | undefined): Response {
  const { steps } = state;
  return { steps, text: steps.join(''), finished, score, ...(failure === undefined ? {} : { failure }) };
}

/** A value model's numbers for some states, checked: ranking by a NaN would rank by nothing. */
export async function estimates(
  caller: string,
  valueModel: ValueModel,
  question: Question,
  states: readonly State[],
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  if (states.length === 0) return [];
  const values = await valueModel.values(
    states.map((state) => ({ question, state })),
    signal,
  );
  const bad = values.find((value) => !Number.isFinite(value));
  if (values.length !== states.length || bad !== undefined) {
    const got = bad === undefined ? `${values.length} values` : `${bad}`;
    throw new RangeError(`${caller}: the value model must give ${states.length} finite values, got ${got}`);
  }
  return values;
}
