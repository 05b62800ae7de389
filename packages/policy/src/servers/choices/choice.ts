import type { Candidate, Failure, StepFormat } from '@svo/mdp';
import { failedCandidates } from '../../wrappers/candidates.ts';
import { withoutEndToken } from './control-tokens.ts';
import { drawnTokens } from './drawn-tokens.ts';
import { type Ending, readEnding } from './finish-reason.ts';
import { keptStep, withDelimiter } from './kept-step.ts';
import type { ChoiceRules, RawChoice } from './raw-choice.ts';

/** A choice as a candidate, and what its reader should be told once: a word that is not known, log-probs that were left out. */
export interface ReadChoice {
  readonly candidate: Candidate;
  readonly notes: readonly string[];
}

/**
 * The candidate a choice stands for. `unparsable` and `too-large` are said of what the model itself wrote and nothing else: a
 * choice that the server spoiled has another kind, and counts for nothing.
 */
export function toCandidate(choice: RawChoice, rules: ChoiceRules): ReadChoice {
  const { format } = rules;
  const ending = readEnding(choice.finishReason);
  const lost = lostBy(choice, ending);
  if (lost !== undefined) return failed(lost);
  const { text, ended } = withoutEndToken(choice.text, rules.specialTokens);
  const end: Ending = ended && ending.how !== 'length' ? { how: 'end' } : ending;
  const step = keptStep(text, format);
  if (step === undefined) return blank({ ...choice, text }, end, format);
  const { body } = step;
  const token = rules.specialTokens.find((special) => body.includes(special));
  if (token !== undefined) return failed({ kind: 'unparsable', message: `the step holds the control token ${token}` });
  const finish = step.isCut && !format.isTerminal(body) ? 'step' : finishOf(choice, end, body, format);
  const whole = finish === 'step' ? withDelimiter(body, format) : body;
  const drawn = drawnTokens({ ...choice, text }, { ...step, whole }, rules);
  if (drawn.problem !== undefined && rules.logps === 'required') {
    return failed({ kind: 'malformed', message: `${drawn.problem} (logps: 'optional' goes on without)` });
  }
  const { tokenIds, logps } = drawn;
  return {
    candidate: {
      text: whole,
      ...(tokenIds === undefined ? {} : { tokenIds }),
      ...(logps === undefined ? {} : { logps }),
      count: 1,
      finish,
    },
    notes: [
      ...(ending.how === 'unknown'
        ? [`finish_reason '${choice.finishReason}' is not a known word; the text that came with it is used`]
        : []),
      ...(drawn.problem === undefined ? [] : [`log-probs left out: ${drawn.problem}`]),
    ],
  };
}

const failed = (failure: Failure): ReadChoice => ({ candidate: failedCandidates(1, failure)[0]!, notes: [] });

/** Why nothing of a choice came from the model, if so. */
function lostBy(choice: RawChoice, ending: Ending): Failure | undefined {
  if (choice.failure !== undefined) return choice.failure;
  if (ending.how === 'open') return { kind: 'connection', message: 'the stream ended before this choice did' };
  if (ending.how !== 'lost') return undefined;
  const message = `the server gave this choice up, with finish_reason '${choice.finishReason}'`;
  return { kind: ending.kind ?? 'server', message };
}

/** A choice without a step. Only where the model is known to have ended it is it the model's own doing. */
function blank(choice: RawChoice, ending: Ending, format: StepFormat): ReadChoice {
  const thought = choice.reasoning !== undefined && choice.reasoning !== '';
  if (ending.how === 'length') {
    const message = thought
      ? 'all tokens went into reasoning and none was left for the step: maxTokens raises the limit'
      : 'the tokens ran out before a step was written (reasoning that is not shown counts too): maxTokens raises the limit';
    return { candidate: { text: '', count: 1, finish: 'length', failure: { kind: 'too-large', message } }, notes: [] };
  }
  if (ending.how === 'tool' && choice.calls === true) {
    return failed({ kind: 'unparsable', message: 'the model called a tool and wrote no step' });
  }
  // Text beyond a stop string: the server did not stop there, so the model went on and then ended.
  const wentOn = [format.delimiter, ...format.stop].some((stop) => {
    const at = stop === '' ? -1 : choice.text.indexOf(stop);
    return at >= 0 && at + stop.length < choice.text.length;
  });
  if (ending.how === 'end' || endedItself(choice) || wentOn) {
    return failed({ kind: 'unparsable', message: 'the model ended its answer without writing a step' });
  }
  const message = thought
    ? 'a reasoning came and no step: the stop string of the format may have ended the reasoning'
    : `no text came, and finish_reason '${choice.finishReason}' does not say that the model ended it`;
  return failed({ kind: 'malformed', message });
}

/** Whether the server tells that the model ended the choice, by null or the token that did. */
const endedItself = ({ stopReason }: RawChoice): boolean => stopReason === null || typeof stopReason === 'number';

function finishOf(choice: RawChoice, { how }: Ending, text: string, format: StepFormat): 'step' | 'answer' | 'length' {
  if (how === 'length') return 'length';
  if (format.isTerminal(text)) return 'answer';
  // End of sequence is the end of the response, with or without an answer.
  const ended = how === 'end' || (how !== 'stop-string' && endedItself(choice));
  return ended && format.delimiterLength(text) === 0 ? 'answer' : 'step';
}

/**
 * A chat server that was given the beginning of the answer may repeat it before what it adds (llama.cpp does). Its tokens
 * tell whether the model wrote it: they spell the whole text if so, the rest of it if not. Without tokens a text that
 * begins with the prefix counts as repeating it.
 */
export function withoutEcho(choice: RawChoice, prefix: string): RawChoice {
  if (prefix === '' || !choice.text.startsWith(prefix)) return choice;
  const spelled = choice.tokens?.map(({ text }) => text).join('');
  if (spelled?.startsWith(choice.text)) return choice;
  return { ...choice, text: choice.text.slice(prefix.length) };
}
