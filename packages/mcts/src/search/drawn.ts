import type { Candidate, Draw, State } from '@svo/mdp';
import { unlessEmpty } from '../tree/draws.ts';

const MOST_ID = 2 ** 31;

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
