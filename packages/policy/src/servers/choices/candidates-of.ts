import type { Candidate, Failure } from '@svo/mdp';
import type { Connection } from '../../http/connection.ts';
import { failedCandidates } from '../../wrappers/candidates.ts';
import { toCandidate } from './choice.ts';
import type { ChoiceRules, RawChoice } from './raw-choice.ts';

/** How much of a server's own words a failure's message quotes. */
const quoted = 300;

/** Candidates as they may be seen, and what their reader should be told once. */
export interface CleanCandidates {
  readonly candidates: readonly Candidate[];
  readonly notes: readonly string[];
}

/** The candidate of a choice, or of what came in its place, without a secret: a server may write a key into anything. */
export function cleanCandidate(
  choice: RawChoice | Failure,
  rules: ChoiceRules,
  { redact, redactMessage }: Connection,
): CleanCandidates {
  // Redacts before it cuts: a key cut in two would no longer be recognised.
  const words = (text: string): string => redactMessage(text).slice(0, quoted);
  if ('kind' in choice)
    return { candidates: failedCandidates(1, { ...choice, message: words(choice.message) }), notes: [] };
  const { candidate, notes } = toCandidate(choice, rules);
  const { failure, tokenIds, ...rest } = candidate;
  const text = redact(rest.text);
  return {
    candidates: [
      {
        ...rest,
        text,
        // Ids that spell a secret are no longer those of the text.
        ...(tokenIds === undefined || text !== rest.text ? {} : { tokenIds }),
        ...(failure === undefined ? {} : { failure: { ...failure, message: words(failure.message) } }),
      },
    ],
    notes: notes.map(words),
  };
}
