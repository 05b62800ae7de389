import {
  assertOptions,
  type Candidate,
  contentHash,
  mergeCandidates,
  type Policy,
  type ProposeRequest,
  type StateTokenizer,
  statePieces,
} from '@svo/mdp';
import { failedCandidates } from '@svo/policy';
import type { Sampled, Sampler } from '../sampling/sampler.ts';
import { failureOf } from './failure.ts';

/** A sampler, how it is drawn from, and what a step is. */
export interface TinkerPolicyOptions {
  /** Of `model.sampler(name)` or `service.sampler(…)`. */
  readonly sampler: Pick<Sampler, 'sample'>;
  /** The base model's tokenizer. */
  readonly tokenizer: StateTokenizer;
  /** A step format of `@svo/mdp`. */
  readonly format: {
    readonly id?: string;
    readonly stop: readonly string[];
    readonly isTerminal: (step: string) => boolean;
  };
  /** The most tokens a step may have. */
  readonly maxTokens: number;
  /** Names the weights; the policy's own `id` is this with a hash of the settings. */
  readonly id: string;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  /**
   * What ends a draw on the server, which takes token ids or texts, never both. `'ends'` (default): the tokenizer's end ids; a step is
   * cut here, and what was drawn behind it is dropped. `'texts'`: the format's stop texts, so that no token is drawn in
   * vain; then a model that ends its text goes on until `maxTokens`, unless the server stops there by itself.
   */
  readonly stopAt?: 'ends' | 'texts';
}

const known = ['sampler', 'tokenizer', 'format', 'maxTokens', 'id', 'temperature', 'topK', 'topP', 'stopAt'];

/** Seeds of servers are 32 bits wide, and sample i of seed s is sample 0 of seed s + i. */
const seedSpan = 2 ** 31 - 2 ** 16;

/**
 * A model on a server as a `Policy`. Its candidates carry the ids that were drawn and their log-probs, as those of `localPolicy` of `@svo/models` do;
 * whatever goes wrong with a request is a candidate's failure.
 *
 * @throws RangeError for an option that can't work
 * @example
 * ```ts
 * import { gsm8kFormat, initialState } from '@svo/mdp';
 * import { tinkerPolicy, tinkerService } from '@svo/tinker';
 * import { localTinker } from '@svo/tinker/testing';
 * const server = await localTinker();
 * const service = await tinkerService({ baseUrl: server.url });
 * const sampler = service.sampler({ baseModel: server.baseModel });
 * const policy = tinkerPolicy({ sampler, tokenizer: server.tokenizer, format: gsm8kFormat, maxTokens: 8, id: 'base' });
 * const question = { id: 'q', prompt: '1+2=?\n' };
 * const candidates = await policy.propose({ question, state: initialState(question), count: 5, seed: 1 });
 * candidates.reduce((total, { count }) => total + count, 0); // => 5
 * await service.close();
 * await server.close();
 * ```
 */
export function tinkerPolicy(options: TinkerPolicyOptions): Policy {
  assertOptions('tinkerPolicy', options, known);
  const { sampler, tokenizer, format, maxTokens, id, temperature, topK, topP, stopAt = 'ends' } = options;
  if (stopAt !== 'ends' && stopAt !== 'texts')
    throw new RangeError(`tinkerPolicy: stopAt must be 'ends' or 'texts', got ${String(stopAt)}`);
  const stop = stopAt === 'ends' ? tokenizer.endIds : format.stop;
  const piecesOf = statePieces(tokenizer);
  const settings = {
    maxTokens,
    stop,
    ...(temperature !== undefined && { temperature }),
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
  };
  const propose = async (request: ProposeRequest, signal?: AbortSignal): Promise<readonly Candidate[]> => {
    const ids = piecesOf(request).flat();
    try {
      const drawn = await sampler.sample(ids, {
        ...settings,
        samples: request.count,
        seed: Math.floor(request.seed) % seedSpan,
        ...(signal && { signal }),
      });
      return mergeCandidates(drawn.map((one) => candidateOf(one, tokenizer, format)));
    } catch (error) {
      return failedCandidates(request.count, failureOf(error, signal));
    }
  };
  const drawing = contentHash({ ...settings, format: format.id, stop: format.stop, stopAt }).slice(0, 12);
  return {
    id: `${id}:${drawing}`,
    propose,
    proposeMany: (requests, signal) => Promise.all(requests.map((request) => propose(request, signal))),
  };
}

/** The first step of what was drawn, with the ids that spell it and nothing else. */
function candidateOf(sampled: Sampled, tokenizer: StateTokenizer, format: TinkerPolicyOptions['format']): Candidate {
  // A server that stops at texts may have gone on behind the end.
  const endAt = sampled.ids.findIndex((id) => tokenizer.endIds.includes(id));
  const ids = endAt < 0 ? sampled.ids : sampled.ids.slice(0, endAt + 1);
  const whole = tokenizer.continuation(ids);
  const end = Math.min(...format.stop.map((stop) => ends(whole, stop)));
  const isCut = end <= whole.length;
  const text = whole.slice(0, end);
  let kept = isCut ? 1 : ids.length;
  while (kept < ids.length && tokenizer.continuation(ids.slice(0, kept)).length < text.length) kept++;
  const exact = tokenizer.continuation(ids.slice(0, kept)) === text;
  const draw = exact ? { tokenIds: ids.slice(0, kept), logps: sampled.logps.slice(0, kept) } : {};
  if (text === '') {
    const message = 'the model ended the response without a step';
    return { text, ...draw, count: 1, finish: 'error', failure: { kind: 'unparsable', message } };
  }
  const ended = !isCut && endAt >= 0;
  // Out of tokens: whether the text would have gone on, nobody knows.
  if (!isCut && !ended) return { text, ...draw, count: 1, finish: 'length' };
  return { text, ...draw, count: 1, finish: ended || format.isTerminal(text) ? 'answer' : 'step' };
}

/** Where a stop text ends; beyond the text where it isn't there. */
function ends(text: string, stop: string): number {
  const at = text.indexOf(stop);
  return at < 0 ? Number.POSITIVE_INFINITY : at + stop.length;
}
