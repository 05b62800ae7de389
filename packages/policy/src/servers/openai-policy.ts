import type { Candidate, Failure, Policy, ProposeRequest, StepFormat } from '@svo/mdp';
import { readText } from '../http/body.ts';
import { type Connection, type ConnectionOptions, connection } from '../http/connection.ts';
import { failureOf } from '../http/errors.ts';
import { serverSentEvents } from '../http/sse.ts';
import { conserveCount, failedCandidates } from '../wrappers/candidates.ts';
import { drawOnce } from '../wrappers/draw-once.ts';
import { policyId } from '../wrappers/policy-id.ts';
import { addReceipts, receiptOf, withReceipt } from '../wrappers/receipts.ts';
import { type ChoiceRules, chatControlTokens, redactFailure, toCandidate, withoutEcho } from './choice.ts';
import {
  continuedText,
  type OpenaiRequestOptions,
  openaiBody,
  type PromptOptions,
  type SamplingOptions,
  wireSeed,
} from './openai-request.ts';
import { streamAssembly } from './openai-stream.ts';
import { type ParsedReply, parseReply } from './openai-wire.ts';

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
  /** One HTTP request a candidate, for servers that don't know `n`. Default false. */
  readonly fanOut?: boolean;
  /** Whether to send a seed; some hosted servers refuse one. Default true. */
  readonly seeded?: boolean;
  /** Texts that must not stand in a step. Default: the control tokens of common chat templates. */
  readonly specialTokens?: readonly string[];
  /** Fields to add to the body, or to overwrite in it (`{ return_token_ids: true }` for vLLM's ids). */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /** Overrides the derived id. Give one when `prompt` or `messages` is a function: those can't be told apart by content. */
  readonly id?: string;
}

/**
 * A policy behind any server that speaks OpenAI's completions or chat protocol: vLLM, SGLang, llama.cpp, transformers,
 * hosted ones. A request for `count` candidates is one HTTP request with `n = count`. Whatever goes wrong comes back as
 * candidates with `finish: 'error'` and a `failure`, and counts always add up to `count`.
 *
 * The key is kept in a closure: it is in no id, error or candidate. Throws RangeError for options that can't work.
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
  const server = connection('openaiPolicy', options);
  const { format, endpoint = 'completions', logps = 'required', stream = false, fanOut = false } = options;
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

  const draw = async (
    request: ProposeRequest,
    count: number,
    seed: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly Candidate[]> => {
    const body = openaiBody(request, wire, count, seed);
    const prefix = continuedText(body);
    const assembly = streamAssembly();
    const read = stream
      ? (chunks: AsyncIterable<string>) => assembly.read(serverSentEvents(chunks))
      : async (chunks: AsyncIterable<string>) => parseReply(await readText(chunks));
    try {
      return candidatesOf(await server.post(path, body, read, signal), prefix, count, rules, server);
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

/** Without a path of its own, an address gets `/v1`. */
export function openaiPath(server: Connection, path: string): string {
  return server.base.pathname === '/' ? `/v1${path}` : path;
}

/** A reply's candidates; draws without a choice get the failure that kept them away. */
function candidatesOf(
  reply: ParsedReply,
  prefix: string,
  count: number,
  rules: ChoiceRules,
  { redact, redactMessage }: Connection,
  failure?: Failure,
): readonly Candidate[] {
  const inOrder = reply.choices.toSorted((a, b) => a.index - b.index);
  const candidates = [
    ...inOrder.map((choice) => {
      const own = withoutEcho(choice, prefix);
      return redactFailure(toCandidate({ ...own, text: redact(own.text) }, rules), redactMessage);
    }),
    ...reply.problems.flatMap((message) => failedCandidates(1, { kind: 'malformed', message: redactMessage(message) })),
  ];
  const seen = receiptOf(candidates).completionTokens;
  return withReceipt(conserveCount(candidates, count, failure), {
    requests: 1,
    promptTokens: reply.promptTokens,
    // llama.cpp reports the tokens of one choice, however many there are.
    completionTokens: Math.max(reply.completionTokens ?? 0, seen),
  });
}
