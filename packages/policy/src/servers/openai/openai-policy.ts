import {
  assertOptions,
  type Candidate,
  type Failure,
  type Policy,
  type ProposeRequest,
  type StepFormat,
} from '@svo/mdp';
import { type Connection, type ConnectionOptions, connection, connectionOptions } from '../../http/connection.ts';
import { failureOf } from '../../http/errors.ts';
import { readEither } from '../../http/sse.ts';
import { conserveCount } from '../../wrappers/candidates.ts';
import { drawOnce } from '../../wrappers/draw-once.ts';
import { policyId } from '../../wrappers/policy-id.ts';
import { addReceipts, receiptOf, withReceipt } from '../../wrappers/receipts.ts';
import { cleanCandidate } from '../choices/candidates-of.ts';
import { withoutEcho } from '../choices/choice.ts';
import { chatControlTokens } from '../choices/control-tokens.ts';
import type { ParsedReply } from '../choices/parsed-reply.ts';
import type { ChoiceRules } from '../choices/raw-choice.ts';
import { openaiPath } from './openai-path.ts';
import {
  continuedText,
  type OpenaiRequestOptions,
  openaiBody,
  type PromptOptions,
  promptOptions,
  type SamplingOptions,
  samplingOptions,
  wireSeed,
} from './openai-request.ts';
import { streamAssembly } from './openai-stream.ts';
import { parseReply } from './openai-wire.ts';

/** Options of `openaiPolicy`. */
export interface OpenaiPolicyOptions extends ConnectionOptions, SamplingOptions, PromptOptions {
  /** The name the server knows the model by. */
  readonly model: string;
  /** How a response is cut into steps; its stop strings end a candidate. */
  readonly format: StepFormat;
  /** `/v1/completions` (default) or `/v1/chat/completions`. */
  readonly endpoint?: 'completions' | 'chat';
  /** Whether to ask for, and insist on, log-probs. Default `required`. */
  readonly logps?: 'required' | 'optional' | 'none';
  /** Server-sent events instead of one reply: a cut connection then keeps the candidates that were complete. Default false. */
  readonly stream?: boolean;
  /**
   * One HTTP request a candidate, for servers that don't know `n`. Default false: where a server turns out not to know it, the
   * policy goes over to that by itself, from the next request on.
   */
  readonly fanOut?: boolean;
  /** Whether to send a seed; some hosted servers refuse one. Default true. */
  readonly seeded?: boolean;
  /** Texts that must not stand in a step. Default: the control tokens of common chat templates. */
  readonly specialTokens?: readonly string[];
  /** Fields to add to the body, or to overwrite in it (`{ return_token_ids: true }` for vLLM's ids). */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /** Overrides the derived id, in which `prompt` and `messages` are known by what they make of some questions. */
  readonly id?: string;
}

const own = ['model', 'format', 'endpoint', 'logps', 'stream', 'fanOut', 'seeded', 'specialTokens', 'extraBody', 'id'];

/**
 * A policy behind any server that speaks OpenAI's completions or chat protocol: vLLM, SGLang, llama.cpp, transformers,
 * hosted ones. A request for `count` candidates is one HTTP request with `n = count`. Whatever goes wrong comes back as
 * candidates with `finish: 'error'` and a `failure`, and counts always add up to `count`. An error that a server tells inside
 * a reply of status 200 is the failure its own status names; log-probs are those of the step's own tokens, or none.
 *
 * A candidate's `tokenIds` are there where they decode to its text exactly, delimiter included. Tokens that all went into
 * reasoning make a candidate without text, `finish: 'length'`, with a `failure` that says so.
 *
 * The key is kept in a closure: it is in no id, error or candidate. Throws RangeError for options that can't work, unknown ones included.
 *
 * @example
 * ```ts
 * import { blankLineFormat } from '@svo/mdp';
 * import { openaiPolicy } from '@svo/policy';
 * import { fakeServer, toyModel } from '@svo/policy/testing';
 * const server = await fakeServer({ model: toyModel({ seed: 1 }) });
 * const policy = openaiPolicy({ url: server.url, model: 'toy', format: blankLineFormat });
 * const question = { id: 'q', prompt: 'What is 2 + 3?\n' };
 * const candidates = await policy.propose({ question, state: { questionId: 'q', steps: [] }, count: 3, seed: 7 });
 * await server.close();
 * candidates.reduce((total, candidate) => total + candidate.count, 0); // => 3
 * ```
 */
export function openaiPolicy(options: OpenaiPolicyOptions): Policy {
  assertOptions('openaiPolicy', options, [...connectionOptions, ...samplingOptions, ...promptOptions, ...own]);
  const server = connection('openaiPolicy', options);
  const { format, endpoint = 'completions', logps = 'required', stream = false } = options;
  const wire: OpenaiRequestOptions = {
    ...options,
    endpoint,
    stream,
    stop: format.stop,
    logps: logps !== 'none',
    seeded: options.seeded ?? true,
    extraBody: options.extraBody ?? {},
  };
  const rules: ChoiceRules = { format, logps, specialTokens: options.specialTokens ?? chatControlTokens };
  const path = openaiPath(server, endpoint === 'chat' ? '/chat/completions' : '/completions');
  /** One request a draw: asked for, or learned from a server that ignored `n`. */
  let fanOut = options.fanOut ?? false;

  const draw = async (
    request: ProposeRequest,
    count: number,
    seed: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly Candidate[]> => {
    const body = openaiBody(request, wire, count, seed);
    const prefix = continuedText(body);
    const assembly = streamAssembly(count);
    try {
      const reply = await server.post(path, body, (chunks) => readEither(chunks, assembly.read, parseReply), signal);
      const cause = reply.failure ?? brokenOff(reply);
      const ignored = cause === undefined ? ignoredCount(reply, count) : undefined;
      fanOut ||= ignored !== undefined;
      return candidatesOf(reply, prefix, count, rules, server, cause ?? ignored);
    } catch (error) {
      return candidatesOf(assembly.finished(), prefix, count, rules, server, failureOf(error));
    }
  };

  const policy: Policy = {
    id: options.id ?? policyId('openai', { ...options, format: format.id, endpoint }),
    propose: async (request, signal) => {
      if (!fanOut || request.count === 1) return draw(request, request.count, wireSeed(request.seed), signal);
      const samples = Array.from({ length: request.count }, (_, sample) => wireSeed(request.seed, sample));
      const parts = await Promise.all(samples.map((seed) => draw(request, 1, seed, signal)));
      return withReceipt(parts.flat(), addReceipts(parts.map(receiptOf)));
    },
  };
  return options.temperature === 0 ? drawOnce(policy) : policy;
}

/** What became of the draws that a stream did not come to before it ended. */
const brokenOff = ({ choices }: ParsedReply): Failure | undefined =>
  choices.some(({ finishReason }) => finishReason === null)
    ? { kind: 'connection', message: 'the stream ended before this choice began' }
    : undefined;

/** What became of the draws that a server left out which does not know `n`, or does not keep its choices apart. */
function ignoredCount({ choices, problems, isMixed = false }: ParsedReply, count: number): Failure | undefined {
  const came = choices.length + (isMixed ? 0 : problems.length);
  if (came >= count || (came === 0 && !isMixed)) return undefined;
  return {
    kind: 'malformed',
    message:
      `asked for ${count} choices, got ${came}: the server seems not to know n > 1; ` +
      'from now on this policy sends one request a draw (fanOut: true does so from the start)',
  };
}

/** A reply's candidates; draws without a choice get the failure that kept them away. */
function candidatesOf(
  reply: ParsedReply,
  prefix: string,
  count: number,
  rules: ChoiceRules,
  server: Connection,
  missing?: Failure,
): readonly Candidate[] {
  const inOrder = reply.choices.toSorted((a, b) => a.index - b.index).map((choice) => withoutEcho(choice, prefix));
  const broken = reply.problems.map((message): Failure => ({ kind: 'malformed', message }));
  const clean = [...inOrder, ...broken].map((choice) => cleanCandidate(choice, rules, server));
  const candidates = clean.flatMap((one) => one.candidates);
  const failure = missing && { ...missing, message: server.redactMessage(missing.message) };
  const seen = receiptOf(candidates).completionTokens;
  return withReceipt(conserveCount(candidates, count, failure), {
    requests: 1,
    promptTokens: reply.promptTokens,
    // llama.cpp reports the tokens of one choice, however many there are.
    completionTokens: Math.max(reply.completionTokens ?? 0, seen),
    notes: clean.flatMap((one) => one.notes),
  });
}
