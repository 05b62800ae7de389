import {
  assertCounts,
  assertOptions,
  createRng,
  type Question,
  renderPrefix,
  type State,
  splitRng,
  uniform,
  type ValueModel,
} from '@svo/mdp';
import { z } from 'zod';
import { readText } from '../../http/body.ts';
import { besideV1, type ConnectionOptions, connection, connectionOptions } from '../../http/connection.ts';
import { failureOf, PolicyError, policyError } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import { backoffMs, isRetryable, type RetryOptions, retrySettings } from '../../wrappers/backoff.ts';
import { pause } from '../../wrappers/pause.ts';
import { promptId } from '../../wrappers/policy-id.ts';
import { openaiPath } from './openai-path.ts';

/** Options of `openaiValueModel`. */
export interface OpenaiValueModelOptions extends ConnectionOptions {
  readonly model: string;
  /**
   * Where the server keeps its value head: `/pooling` or `/classify` (vLLM), `/v1/embeddings` (OpenAI's form, of which the
   * value is the only number), or SGLang's `/classify`, which takes `text`. Default `pooling`.
   */
  readonly endpoint?: 'pooling' | 'classify' | 'embeddings' | 'sglang-classify';
  /** `raw` keeps the model's number; `probability` maps a probability of being right, p, to 2p − 1. Default `raw`. */
  readonly scale?: 'raw' | 'probability';
  /** Where a model gives several numbers (one a token, one a class), which of them is the value. Default `last`. */
  readonly pick?: 'first' | 'last';
  /** The text to judge. Default: the question's prompt, then the steps. */
  readonly prompt?: (question: Question, state: State) => string;
  /** Texts a request. Default 64. */
  readonly maxBatch?: number;
  /** Tries of a request that failed in passing. Default: `withRetry`'s. */
  readonly retry?: RetryOptions;
}

/** Numbers, however deep the server nests them. */
const numbers = z.union([z.number(), z.array(z.number()), z.array(z.array(z.number()))]);
const item = z.object({
  index: z.number().int().nullish(),
  data: numbers.nullish(),
  embedding: numbers.nullish(),
  probs: numbers.nullish(),
});
const replySchema = z.union([z.object({ data: z.array(item) }), z.array(item)]);

const own = ['model', 'endpoint', 'scale', 'pick', 'prompt', 'maxBatch', 'retry'];

const paths = { pooling: '/pooling', classify: '/classify', embeddings: '/embeddings', 'sglang-classify': '/classify' };

/**
 * V(s) from a model behind HTTP. Values come in the order of the requests, one each, all finite. There is no place for a
 * failure in a list of values, so `values` rejects with a PolicyError when, after its tries, a request has failed.
 *
 * @example
 * ```ts
 * import { openaiValueModel } from '@svo/policy';
 * import { fakeServer, toyModel } from '@svo/policy/testing';
 * const model = toyModel({ seed: 0 });
 * const server = await fakeServer({ model });
 * const valueModel = openaiValueModel({ url: server.url, model: 'toy' });
 * const [value] = await valueModel.values([{ question: { id: 'q', prompt: 'Go. ' }, state: { questionId: 'q', steps: [] } }]);
 * await server.close();
 * value === model.value('Go. '); // => true
 * ```
 */
export function openaiValueModel(options: OpenaiValueModelOptions): ValueModel {
  assertOptions('openaiValueModel', options, [...connectionOptions, ...own]);
  const { endpoint = 'pooling', scale = 'raw', pick = 'last', maxBatch = 64, prompt = renderPrefix } = options;
  const retry = retrySettings('openaiValueModel', options.retry ?? {});
  assertCounts('openaiValueModel', { maxBatch });
  const server = connection('openaiValueModel', endpoint === 'embeddings' ? options : besideV1(options));
  const path = endpoint === 'embeddings' ? openaiPath(server, paths.embeddings) : paths[endpoint];

  const ask = async (texts: readonly string[], signal: AbortSignal | undefined): Promise<readonly number[]> => {
    const body = endpoint === 'sglang-classify' ? { text: texts } : { model: options.model, input: texts };
    const read = async (chunks: AsyncIterable<string>): Promise<readonly number[]> =>
      readValues(await readText(chunks), texts.length, pick);
    const values = await server.post(path, body, read, signal);
    return scale === 'raw' ? values : values.map(toSigned);
  };

  const askAgain = async (
    texts: readonly string[],
    batch: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly number[]> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask(texts, signal);
      } catch (error) {
        const failure = failureOf(error);
        const [u] = uniform(splitRng(splitRng(createRng(retry.seed), batch), attempt));
        const ms = backoffMs(attempt, u, failure.retryAfterMs, retry);
        if (!isRetryable(failure) || attempt + 1 >= retry.attempts || ms === undefined) throw error;
        await pause(ms, signal);
        if (signal?.aborted) throw policyError('cancelled', 'cancelled by the caller while waiting to try again');
      }
    }
  };

  return {
    id: [
      ...['openai-value', options.model, endpoint, scale],
      ...(pick === 'last' ? [] : [pick]),
      ...(options.prompt === undefined ? [] : [promptId(options.prompt)]),
    ].join(':'),
    values: async (requests, signal) => {
      const texts = requests.map(({ question, state }) => prompt(question, state));
      const values: number[] = [];
      for (let start = 0; start < texts.length; start += maxBatch) {
        values.push(...(await askAgain(texts.slice(start, start + maxBatch), start, signal)));
      }
      return values;
    },
  };
}

function readValues(text: string, count: number, pick: 'first' | 'last'): readonly number[] {
  const reply = parseJson(replySchema, text);
  const items = Array.isArray(reply) ? reply : reply.data;
  if (items.length !== count) throw policyError('malformed', `asked for ${count} values, got ${items.length}`);
  const values = new Array<number | undefined>(count).fill(undefined);
  items.forEach(({ index, data, embedding, probs }, position) => {
    const flat = [data ?? embedding ?? probs ?? []].flat(2);
    values[index ?? position] = pick === 'last' ? flat.at(-1) : flat[0];
  });
  return values.slice(0, count).map((value, index) => {
    if (value !== undefined && Number.isFinite(value)) return value;
    throw new PolicyError({ kind: 'malformed', message: `value ${index} must be a finite number, got ${value}` });
  });
}

function toSigned(probability: number): number {
  if (probability >= 0 && probability <= 1) return 2 * probability - 1;
  throw policyError('malformed', `scale 'probability' needs values in [0, 1], got ${probability}`);
}
