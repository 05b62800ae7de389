import type { KeptStep } from './kept-step.ts';
import type { ChoiceRules, RawChoice } from './raw-choice.ts';
import { tokenSpan } from './token-span.ts';

/** Rounding may leave a log-probability of 1 a little above 0. */
const tolerance = 1e-3;

/** Whether a server's number can be a log-probability. */
export function isLogp(logp: number | null): logp is number {
  return logp !== null && Number.isFinite(logp) && logp <= tolerance;
}

/** What was drawn for a step, as far as a choice tells it; `problem` says why there are no log-probs. */
export interface DrawnTokens {
  readonly tokenIds?: readonly number[];
  readonly logps?: readonly number[];
  readonly problem?: string;
}

/**
 * The log-probs of a step's own tokens, and their ids where they decode to the step exactly, its delimiter included. Where the
 * tokens cannot be matched with the step there are none: those of other tokens would make a wrong prior.
 */
export function drawnTokens(choice: RawChoice, step: KeptStep & { whole: string }, rules: ChoiceRules): DrawnTokens {
  const { logps, tokens } = choice;
  if (rules.logps === 'none') return {};
  if (logps === undefined) return { problem: 'the reply holds no log-probs' };
  if (logps.length === 0) return { problem: 'the reply holds a text and no log-probs' };
  if (tokens === undefined) return unspelled(choice, step, logps);
  if (tokens.length !== logps.length) {
    return { problem: `the reply holds ${tokens.length} tokens and ${logps.length} log-probs` };
  }
  const span = tokenSpan(tokens, {
    ...step,
    text: choice.text,
    stops: [rules.format.delimiter, ...rules.format.stop],
    ends: rules.specialTokens,
    reasoning: choice.reasoning,
  });
  if (span === undefined) return { problem: "the reply's tokens do not spell its text" };
  const own = checked(logps.slice(span.start, span.end), span.start);
  const ids = choice.tokenIds;
  if (own.logps === undefined || ids === undefined || ids.length !== tokens.length || !span.exact) return own;
  return { ...own, tokenIds: ids.slice(span.start, span.end) };
}

/** Without spellings, log-probs can be those of the step only where the step is all there is; whether the ids are, nobody can tell. */
function unspelled(choice: RawChoice, step: KeptStep, logps: readonly (number | null)[]): DrawnTokens {
  if (step.isCut || step.from > 0) {
    return { problem: 'the reply holds more than one step, and its tokens do not tell which log-probs are whose' };
  }
  if (choice.reasoning !== undefined && choice.reasoning !== '') {
    return { problem: 'the reply holds a reasoning, and its tokens do not tell which log-probs are whose' };
  }
  return checked(logps, 0);
}

function checked(logps: readonly (number | null)[], first: number): DrawnTokens {
  const at = logps.findIndex((logp) => !isLogp(logp));
  if (at >= 0) return { problem: `log-prob ${first + at} must be a finite number <= 0, got ${logps[at]}` };
  return { logps: logps.filter(isLogp).map((logp) => Math.min(logp, 0)) };
}
