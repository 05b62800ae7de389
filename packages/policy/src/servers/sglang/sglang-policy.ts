import {
  assertOptions,
  type Candidate,
  type Failure,
  type Policy,
  type ProposeRequest,
  type Question,
  renderPrefix,
  type State,
  type StepFormat,
} from '@svo/mdp';
import {
  besideV1,
  type Connection,
  type ConnectionOptions,
  connection,
  connectionOptions,
} from '../../http/connection.ts';
import { failureOf } from '../../http/errors.ts';
import { readEither } from '../../http/sse.ts';
import { conserveCount } from '../../wrappers/candidates.ts';
import { drawOnce } from '../../wrappers/draw-once.ts';
import { policyId } from '../../wrappers/policy-id.ts';
import { withReceipt } from '../../wrappers/receipts.ts';
import { cleanCandidate } from '../choices/candidates-of.ts';
import { chatControlTokens } from '../choices/control-tokens.ts';
import type { ChoiceRules } from '../choices/raw-choice.ts';
import { defaults } from '../defaults.ts';
import { type SamplingOptions, samplingOptions, wireSeed } from '../openai/openai-request.ts';
import { type GenerateAnswer, generateAssembly, parseGenerate } from './sglang-wire.ts';

/** Options of `sglangPolicy`. */
export interface SglangPolicyOptions extends ConnectionOptions, SamplingOptions {
  /** A name for the weights; it goes into the id only, since `/generate` serves the one model it has. */
  readonly model: string;
  /** How a response is cut into steps; its stop strings end a candidate. */
  readonly format: StepFormat;
  /** The text to continue. Default: the question's prompt, then the steps. */
  readonly prompt?: (question: Question, state: State) => string;
  /** Whether to ask for, and insist on, log-probs. Default `required`. */
  readonly logps?: 'required' | 'optional' | 'none';
  /** Server-sent events instead of one reply. Default false. */
  readonly stream?: boolean;
  /** Texts that must not stand in a step. Default: the control tokens of common chat templates. */
  readonly specialTokens?: readonly string[];
  /** Fields to add to the sampling parameters, or to overwrite in them. */
  readonly sampling?: Readonly<Record<string, unknown>>;
  readonly id?: string;
}

const own = ['model', 'format', 'prompt', 'logps', 'stream', 'specialTokens', 'sampling', 'id'];

/**
 * A policy behind SGLang's native `/generate`. Each candidate is a text of its own in one batched request, with its own
 * `sampling_seed` (SGLang's seeded sampling depends on seed and position alone, so that `n` samples of one seed would be
 * n times the same); the radix cache shares their prefix. Set `--enable-deterministic-inference` on the server for the
 * seed to matter. `proposeMany` puts whole batches of requests into one. Failures are values, counts are conserved.
 *
 * @example
 * ```ts
 * import { blankLineFormat } from '@svo/mdp';
 * import { sglangPolicy } from '@svo/policy';
 * import { fakeServer } from '@svo/policy/testing';
 * const server = await fakeServer();
 * const policy = sglangPolicy({ url: server.url, model: 'toy', format: blankLineFormat });
 * const question = { id: 'q', prompt: 'What is 2 + 3?' };
 * const candidates = await policy.propose({ question, state: { questionId: 'q', steps: [] }, count: 4, seed: 1 });
 * await server.close();
 * candidates.reduce((total, candidate) => total + candidate.count, 0); // => 4
 * ```
 */
export function sglangPolicy(options: SglangPolicyOptions): Policy {
  assertOptions('sglangPolicy', options, [...connectionOptions, ...samplingOptions, ...own]);
  const server = connection('sglangPolicy', besideV1(options));
  const { format, logps = 'required', stream = false, prompt = renderPrefix } = options;
  const rules: ChoiceRules = { format, logps, specialTokens: options.specialTokens ?? chatControlTokens };

  const proposeMany = async (
    requests: readonly ProposeRequest[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly Candidate[])[]> => {
    const samples = requests.flatMap((request) => {
      const text = prompt(request.question, request.state);
      return Array.from({ length: request.count }, (_, sample) => ({ text, seed: wireSeed(request.seed, sample) }));
    });
    const body = {
      text: samples.map(({ text }) => text),
      sampling_params: samples.map(({ seed }) => samplingParams(options, seed)),
      return_logprob: logps !== 'none',
      logprob_start_len: -1,
      return_text_in_logprobs: true,
      stream,
    };
    const assembly = generateAssembly(samples.length);
    const read = (chunks: AsyncIterable<string>): Promise<readonly (GenerateAnswer | Failure)[]> =>
      readEither(chunks, assembly.read, parseGenerate);
    try {
      return share(requests, await server.post('/generate', body, read, signal), rules, server);
    } catch (error) {
      return share(requests, assembly.finished(), rules, server, failureOf(error));
    }
  };

  const policy: Policy = {
    id:
      options.id ??
      policyId('sglang', { ...options, format: format.id, endpoint: 'generate', extraBody: options.sampling }),
    propose: async (request, signal) => (await proposeMany([request], signal))[0]!,
    proposeMany,
  };
  return options.temperature === 0 ? drawOnce(policy) : policy;
}

function samplingParams(options: SglangPolicyOptions, seed: number): Record<string, unknown> {
  return {
    max_new_tokens: options.maxTokens ?? defaults.maxTokens,
    temperature: options.temperature ?? defaults.temperature,
    top_p: options.topP,
    top_k: options.topK,
    min_p: options.minP,
    stop: options.format.stop,
    sampling_seed: seed,
    ...options.sampling,
  };
}

/** Gives each request its stretch of the answers, by index; draws without one get the failure that kept them away. */
function share(
  requests: readonly ProposeRequest[],
  answers: readonly (GenerateAnswer | Failure)[],
  rules: ChoiceRules,
  server: Connection,
  failure?: Failure,
): readonly (readonly Candidate[])[] {
  const byIndex = new Map(
    answers.map((answer, position) => [isFailure(answer) ? position : answer.choice.index, answer] as const),
  );
  const total = requests.reduce((sum, { count }) => sum + count, 0);
  let next = 0;
  return requests.map(({ count }, at) => {
    const mine = Array.from({ length: count }, (_, sample) => byIndex.get(next + sample)).filter(
      (one) => one !== undefined,
    );
    next += count;
    const clean = mine.map((answer) => cleanCandidate(isFailure(answer) ? answer : answer.choice, rules, server));
    const read = mine.flatMap((answer) => (isFailure(answer) ? [] : [answer]));
    const candidates = clean.flatMap((one) => one.candidates);
    return withReceipt(conserveCount(candidates, count, failure ?? missing(total, answers)), {
      requests: at === 0 ? 1 : 0,
      promptTokens: read.reduce((total, { promptTokens }) => total + promptTokens, 0),
      completionTokens: read.reduce((total, { completionTokens }) => total + (completionTokens ?? 0), 0),
      notes: clean.flatMap((one) => one.notes),
    });
  });
}

const isFailure = (answer: GenerateAnswer | Failure): answer is Failure => 'kind' in answer;

function missing(asked: number, answers: readonly (GenerateAnswer | Failure)[]): Failure {
  if (answers.some((answer) => !isFailure(answer) && answer.choice.finishReason === null)) {
    return { kind: 'connection', message: 'the stream ended before this choice began' };
  }
  const message = `asked for ${asked} texts to be continued, got ${answers.length} that can be told apart`;
  return { kind: 'malformed', message };
}
