import type { Candidate, Failure, State } from '@svo/mdp';
import { following } from '../search/ask/candidates.ts';
import { faultOf, NO_CANDIDATES } from '../search/tell/faults.ts';

/** A state after a step, or the same one where no step came. */
export interface Stepped {
  readonly state: State;
  /** Whether nothing follows: it is an answer, too deep, or failed. */
  readonly ended: boolean;
  /** Whether it is an answer. */
  readonly finished: boolean;
  readonly failure?: Failure;
}

/** The state after the one candidate that was drawn for it; a step that was cut off leads nowhere. */
export function stepped(state: State, candidates: readonly Candidate[], depth: number): Stepped {
  const [candidate] = candidates;
  const failure = candidate === undefined ? NO_CANDIDATES : faultOf(candidate);
  if (candidate === undefined || failure !== undefined)
    return { state, ended: true, finished: false, failure: failure! };
  const longer = following(state, candidate);
  const finished = candidate.finish === 'answer';
  if (candidate.finish !== 'length')
    return { state: longer, ended: finished || longer.steps.length >= depth, finished };
  const cut = { kind: 'unparsable', message: 'the step was cut off' } as const;
  return { state: longer, ended: true, finished, failure: cut };
}
