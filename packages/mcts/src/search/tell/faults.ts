import type { Candidate, Failure } from '@svo/mdp';

/** Kinds of failure that are the model's own: it wrote something, and that is no step. */
const OWN: ReadonlySet<Failure['kind']> = new Set(['unparsable', 'too-large']);

/** Whether nothing of the model's came: a server's fault, which says nothing of the step and counts for nothing. */
export const isLoss = ({ kind }: Failure): boolean => !OWN.has(kind);

/** Characters of a step: no model writes a longer one on purpose, and a journal's event must hold an answer of many. */
export const MOST_TEXT: number = 2 ** 18;

/** How often a step may be drawn at a node: what the tree's arrays can count. */
const MOST_DRAWS = 65_535;

/** By how much rounding may lift a token's log-probability above 0; a prior beyond it would outweigh every value in a tree. */
const MOST_ROUNDING = 1e-3;

/** What stands for an answer without any candidate. */
export const NO_CANDIDATES: Failure = { kind: 'malformed', message: 'the policy returned no candidates' };

/**
 * What is wrong with each candidate as the model's or a server's word, `undefined` for a good one.
 *
 * @throws RangeError for numbers that no policy may give: they are a defect of the program, not of a server
 */
export function faultsOf(candidates: readonly Candidate[]): readonly (Failure | undefined)[] {
  return candidates.map(faultOf);
}

/** See {@link faultsOf}. */
export function faultOf(candidate: Candidate): Failure | undefined {
  requireCount(candidate.count);
  if (candidate.finish === 'error') {
    return candidate.failure ?? { kind: 'malformed', message: 'a candidate ended in an error without a failure' };
  }
  if (candidate.text === '') return candidate.failure ?? { kind: 'unparsable', message: 'the step is empty' };
  if (candidate.text.length > MOST_TEXT) {
    return { kind: 'too-large', message: `the step has ${candidate.text.length} characters, more than ${MOST_TEXT}` };
  }
  if (candidate.logps !== undefined) requireLogps(candidate.logps);
  return undefined;
}

/** Whether an answer holds nothing that the model wrote. */
export function isLostAnswer(candidates: readonly Candidate[]): boolean {
  return candidates.every((candidate) => {
    const fault = faultOf(candidate);
    return fault !== undefined && isLoss(fault);
  });
}

/** Throws for a number of draws that is none. */
export function requireCount(count: number): void {
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_DRAWS)) {
    throw new RangeError(`a candidate's count must be an integer in [1, ${MOST_DRAWS}], got ${count}`);
  }
}

const requireLogps = (logps: readonly number[]): void => {
  let total = 0;
  for (const logp of logps) total += logp;
  if (!Number.isFinite(total)) {
    throw new RangeError(
      `a candidate's logps must be finite numbers, got [${logps.slice(0, 8)}] (has the model diverged?)`,
    );
  }
  if (total > 0 && total > MOST_ROUNDING * logps.length) {
    throw new RangeError(
      `a candidate's logps must be natural log-probabilities, which add up to at most 0, got ${total} (are they probabilities?)`,
    );
  }
};
