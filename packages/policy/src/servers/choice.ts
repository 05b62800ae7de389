import type { Candidate, Failure, StepFormat } from '@svo/mdp';
import { failedCandidates } from '../wrappers/candidates.ts';

/** One choice of a reply, whichever protocol it came by. */
export interface RawChoice {
  readonly index: number;
  readonly text: string;
  /** `stop`, `length`, or a server's own word; null while a stream is still open. */
  readonly finishReason: string | null;
  /** The stop string or token that ended it, where the server tells; null then means end of sequence. */
  readonly stopReason?: string | number | null | undefined;
  readonly tokens?: readonly string[] | undefined;
  readonly logps?: readonly (number | null)[] | undefined;
  readonly tokenIds?: readonly number[] | undefined;
}

/** How choices become candidates. */
export interface ChoiceRules {
  readonly format: StepFormat;
  /** Whether log-probs must be there (`required`), may be (`optional`) or are not asked for (`none`). */
  readonly logps: 'required' | 'optional' | 'none';
  /** Texts that a chat template reads as control tokens. A step that holds one is refused. */
  readonly specialTokens: readonly string[];
}

/**
 * Control tokens of common chat templates. A step with one of them in its text would, on the next request, be read by
 * the server as the end of the turn or as words of the user: that is how a model's text takes over its own prompt.
 */
export const chatControlTokens: readonly string[] = [
  '<|im_start|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<|begin_of_text|>',
  '<|start_header_id|>',
  '<|end_header_id|>',
  '<|eot_id|>',
  '<|user|>',
  '<|assistant|>',
  '<|system|>',
  '<|observation|>',
  '<|end|>',
  '<|start|>',
  '<|message|>',
  '<|channel|>',
  '<|return|>',
  '<|im_sep|>',
  '<|im_user|>',
  '<|eom_id|>',
  '<|end_of_text|>',
  '<|start_of_role|>',
  '<|end_of_role|>',
  '<|START_OF_TURN_TOKEN|>',
  '<|END_OF_TURN_TOKEN|>',
  '<｜User｜>',
  '<｜Assistant｜>',
  '<｜begin▁of▁sentence｜>',
  '<｜end▁of▁sentence｜>',
  '<start_of_turn>',
  '<end_of_turn>',
  '[INST]',
  '[/INST]',
  '</s>',
];

/** Rounding may leave a log-probability of 1 a little above 0. */
const tolerance = 1e-3;

/** The candidate a choice stands for; what can't be used becomes a failure that says why. */
export function toCandidate(choice: RawChoice, rules: ChoiceRules): Candidate {
  const fail = (kind: Failure['kind'], message: string): Candidate => failedCandidates(1, { kind, message })[0]!;
  const { format } = rules;
  const reason = choice.finishReason;
  if (reason === null) return fail('connection', 'the stream ended before this choice did');
  if (reason === 'abort' || reason === 'error') return fail('server', 'the server gave this choice up');
  if (reason !== 'stop' && reason !== 'length' && reason !== 'eos') {
    return fail('unparsable', `the server ended this choice with finish_reason '${reason}'`);
  }
  const [first = ''] = format.split(choice.text);
  const cut = first.length < choice.text.length;
  if (first.trim() === '') return fail('unparsable', 'the model wrote no step');
  const token = rules.specialTokens.find((special) => choice.text.includes(special));
  if (token !== undefined) return fail('unparsable', `the step holds the control token ${token}`);
  const kept = cut ? tokensWithin(choice, first.length) : undefined;
  const problem = rules.logps === 'required' ? logpsProblem(choice, cut && kept === undefined) : undefined;
  if (problem !== undefined) return fail('malformed', problem);
  const logps = usableLogps(choice, rules, cut, kept);
  const tokenIds =
    choice.tokenIds === undefined || (cut && kept === undefined) ? undefined : choice.tokenIds.slice(0, kept);
  const finish = cut && !format.isTerminal(first) ? 'step' : finishOf(choice, first, format);
  return {
    text: finish === 'step' ? withDelimiter(first, format) : first,
    ...(tokenIds === undefined ? {} : { tokenIds }),
    ...(logps === undefined ? {} : { logps }),
    count: 1,
    finish,
  };
}

/**
 * A chat server that was given the beginning of the answer may repeat it before what it adds (llama.cpp does). Its tokens
 * tell whether the model wrote it: they spell the whole text if so, the rest of it if not. Without tokens a text that
 * begins with the prefix counts as repeating it.
 */
export function withoutEcho(choice: RawChoice, prefix: string): RawChoice {
  if (prefix === '' || !choice.text.startsWith(prefix)) return choice;
  if (choice.tokens?.join('').startsWith(choice.text)) return choice;
  return { ...choice, text: choice.text.slice(prefix.length) };
}

/** How much of a server's own words a failure's message quotes. */
const quoted = 300;

/** The candidate with its failure's message redacted, and then cut: what a server says may hold a key, or be without end. */
export function redactFailure(candidate: Candidate, redact: (text: string) => string): Candidate {
  const { failure } = candidate;
  if (failure === undefined) return candidate;
  return { ...candidate, failure: { ...failure, message: redact(failure.message).slice(0, quoted) } };
}

function finishOf(choice: RawChoice, text: string, format: StepFormat): 'step' | 'answer' | 'length' {
  if (choice.finishReason === 'length') return 'length';
  if (format.isTerminal(text)) return 'answer';
  // End of sequence is the end of the response, with or without an answer; a server that tells says so by null or a token.
  const ended = choice.finishReason === 'eos' || choice.stopReason === null || typeof choice.stopReason === 'number';
  return ended && format.delimiterLength(text) === 0 ? 'answer' : 'step';
}

/** Servers strip the stop string, or part of the delimiter with it; a step keeps its whole delimiter. */
function withDelimiter(text: string, format: StepFormat): string {
  if (format.delimiterLength(text) >= format.delimiter.length) return text;
  const stop = format.stop.find((candidate) => candidate !== '' && text.endsWith(candidate));
  return (stop === undefined ? text : text.slice(0, -stop.length)) + format.delimiter;
}

/** How many of the choice's tokens start within the first `length` code units; undefined when its tokens don't spell its text. */
function tokensWithin(choice: RawChoice, length: number): number | undefined {
  const { tokens } = choice;
  if (tokens === undefined || !tokens.join('').startsWith(choice.text)) return undefined;
  let start = 0;
  let kept = 0;
  while (kept < tokens.length && start < length) start += tokens[kept++]!.length;
  return kept;
}

function logpsProblem(choice: RawChoice, unaligned: boolean): string | undefined {
  const { logps, tokenIds } = choice;
  if (logps === undefined) return "the reply holds no log-probs (set logps: 'optional' if the server has none)";
  if (unaligned) return 'the reply holds several steps, and its tokens do not tell where the first one ends';
  if (logps.length === 0) return 'the reply holds a text and no log-probs';
  if (tokenIds !== undefined && tokenIds.length !== logps.length) {
    return `the reply holds ${tokenIds.length} token ids and ${logps.length} log-probs`;
  }
  const at = logps.findIndex((logp) => !isLogp(logp));
  return at < 0 ? undefined : `log-prob ${at} must be a finite number <= 0, got ${logps[at]}`;
}

/** Whether a server's number can be a log-probability. */
export function isLogp(logp: number | null): logp is number {
  return logp !== null && Number.isFinite(logp) && logp <= tolerance;
}

function usableLogps(
  choice: RawChoice,
  rules: ChoiceRules,
  cut: boolean,
  kept: number | undefined,
): readonly number[] | undefined {
  const { logps } = choice;
  if (rules.logps === 'none' || logps === undefined || logps.length === 0 || (cut && kept === undefined))
    return undefined;
  return logps.every(isLogp) ? logps.slice(0, kept).map((logp) => Math.min(logp, 0)) : undefined;
}
