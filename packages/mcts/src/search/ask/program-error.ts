/** Questions named in a message. */
const NAMED = 3;

/**
 * A defect of the caller's program, found while some questions were searched: a policy that throws a TypeError, a verifier
 * that returns nothing. It is no server's fault, so it is thrown, with the questions' ids and what was thrown as `cause`.
 *
 * @example
 * ```ts
 * import type { Policy } from '@svo/mdp';
 * import { dvoSearch, ProgramError, search } from '@svo/mcts';
 * const policy: Policy = { id: 'broken', propose: async () => JSON.parse('null') };
 * const error = await search({ question: { id: 'a', prompt: '2 + 3?' }, policy, rules: dvoSearch() }).catch((thrown) => thrown);
 * [error instanceof ProgramError, error.questionIds]; // => [true, ['a']]
 * ```
 */
export class ProgramError extends Error {
  readonly questionIds: readonly string[];

  constructor(caller: string, questionIds: readonly string[], problem: string, cause?: unknown) {
    const ids = [...new Set(questionIds)];
    const named = ids.slice(0, NAMED).map((id) => `'${id}'`);
    const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
    const what = `${ids.length === 1 ? 'question' : 'questions'} ${named.join(', ')}${more}`;
    super(`${caller}: ${what}: ${problem}`, cause === undefined ? undefined : { cause });
    this.name = 'ProgramError';
    this.questionIds = ids;
  }
}

/** What was thrown, in words. */
export function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.name === 'Error' || thrown.name === 'RangeError' ? thrown.message : `${thrown.name}: ${thrown.message}`;
}

/** Runs `work` for a question; what it throws names the question. */
export function withinQuestion<Result>(caller: string, questionId: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof ProgramError ? error : new ProgramError(caller, [questionId], wordsOf(error), error);
  }
}
