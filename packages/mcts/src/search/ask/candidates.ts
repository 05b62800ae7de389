import type { Candidate, Draw, Failure, State } from '@svo/mdp';
import { unlessEmpty } from '../../tree/draws.ts';
import { MOST_CHILDREN } from '../../tree/tree.ts';
import { ProgramError } from './program-error.ts';

/** Token ids lie below it. */
const MOST_ID = 2 ** 31;

const FINISHES: ReadonlySet<unknown> = new Set(['step', 'answer', 'length', 'error'] satisfies Candidate['finish'][]);

/**
 * A policy may be anybody's, and what it gives is checked before anything is made of it.
 *
 * @throws ProgramError for something else than candidates, or more of them than a node may have
 */
export function requireCandidates(
  caller: string,
  what: string,
  questionId: string,
  given: readonly Candidate[],
): readonly Candidate[] {
  const problem = problemOf(given);
  if (problem === undefined) return given;
  throw new ProgramError(caller, [questionId], `${what} ${problem}`);
}

const problemOf = (given: readonly Candidate[]): string | undefined => {
  if (!Array.isArray(given)) return `gave something else than a list of candidates: ${shown(given)}`;
  if (given.length > MOST_CHILDREN) {
    return `gave ${given.length} candidates, more than the ${MOST_CHILDREN} a node may have`;
  }
  const at = given.findIndex((candidate) => !isCandidate(candidate));
  if (at === -1) return undefined;
  const { failure } = (given[at] as Candidate | null) ?? {};
  if (!isFailure(failure)) return `gave a failure that is none (kind and message are texts) as candidate ${at}`;
  return `gave something else than a candidate (text, count, finish) as candidate ${at}: ${shown(given[at])}`;
};

const isCandidate = (candidate: Candidate | null): boolean =>
  typeof candidate?.text === 'string' && FINISHES.has(candidate.finish) && isFailure(candidate.failure);

const isFailure = (failure: Failure | null | undefined): boolean =>
  failure === undefined || (typeof failure?.kind === 'string' && typeof failure.message === 'string');

/** Something unknown in a few words: it may be cyclic, or long. */
const shown = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 80);
  const fields = Object.entries(value).map(
    ([name, field]) => `${name}: ${typeof field === 'object' ? '…' : String(field)}`,
  );
  return `{ ${fields.join(', ')} }`.slice(0, 120);
};

/**
 * What was drawn for a candidate, where the policy gave both: token ids and a log-prob for each of them.
 *
 * @throws RangeError for a token id that is none
 */
export function drawOf({ tokenIds, logps }: Candidate): Draw | undefined {
  if (tokenIds === undefined || logps === undefined) return undefined;
  if (tokenIds.length !== logps.length || tokenIds.length === 0) return undefined;
  for (const id of tokenIds) {
    if (!(Number.isInteger(id) && id >= 0 && id < MOST_ID)) {
      throw new RangeError(`a candidate's tokenIds must be integers in [0, 2^31), got ${id}`);
    }
  }
  return { tokenIds, logps };
}

/** A state followed by a candidate's step, with what was drawn for it. */
export function following(state: State, candidate: Candidate): State {
  const { questionId, steps } = state;
  const before = state.draws ?? steps.map(() => undefined);
  return { questionId, steps: [...steps, candidate.text], ...unlessEmpty([...before, drawOf(candidate)]) };
}
