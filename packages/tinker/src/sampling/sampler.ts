/** Continuations from a base model or a checkpoint. */
import { assertOptions } from '@svo/mdp';
import { protobufType } from '../wire/bytes/protobuf.ts';
import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { PromiseLost, ProtocolError } from '../wire/errors.ts';
import { resultOf } from '../wire/future.ts';
import { readingOf } from '../wire/reading-of.ts';
import { ask, textField } from '../wire/request.ts';
import { linked } from '../wire/wait.ts';
import { sampleResultOf } from './sample-result.ts';

/** How to continue a prompt. */
export interface SampleOptions {
  /** The most tokens to write. */
  readonly maxTokens: number;
  /** How many continuations; 1 by default. */
  readonly samples?: number;
  /** The same seed gives the same tokens on servers that keep that promise; none is a random one. */
  readonly seed?: number;
  /** 1 by default; 0 is greedy. */
  readonly temperature?: number;
  /** The k likeliest tokens alone; all by default. */
  readonly topK?: number;
  /** The likeliest tokens that hold this much probability; 1 by default. */
  readonly topP?: number;
  /** Texts, or token ids, that end a continuation, which keeps them. An end-of-sequence token ends it only if it is named here. */
  readonly stop?: readonly string[] | readonly number[];
  readonly signal?: AbortSignal;
}

/** One continuation. */
export interface Sampled {
  readonly ids: readonly number[];
  /** One an id, nats, as the server reports them. */
  readonly logps: readonly number[];
  /** A stop was written, or `maxTokens` were. */
  readonly finish: 'stop' | 'length';
}

/** Draws from one model's weights, which stay as they are: its log-probs may be a reference's. */
export interface Sampler {
  /** The checkpoint's path, or the base model's name. */
  readonly name: string;
  readonly sample: (prompt: readonly number[], options: SampleOptions) => Promise<readonly Sampled[]>;
  /** log p of each prompt token given those before it, nats; the first entry is 0. */
  readonly promptLogps: (
    prompt: readonly number[],
    options?: { readonly signal?: AbortSignal },
  ) => Promise<Float32Array>;
  /** {@link promptLogps} of many rows, a request each: a `FrozenModel` of `@svo/recipes`. */
  readonly logps: (
    rows: readonly (readonly number[])[],
    options?: { readonly signal?: AbortSignal },
  ) => Promise<readonly Float32Array[]>;
}

/** Rows that are out at once. */
const together = 64;

interface SamplerParts {
  readonly wire: Connection;
  readonly life: AbortSignal;
  readonly source: Readonly<Record<string, string>>;
  readonly name: string;
  /** Whether results may come as protobuf. */
  readonly protobuf: boolean;
  /** Runs one request when the model it reads may be read. */
  readonly enter: <T>(work: () => Promise<T>) => Promise<T>;
}

const protobufReading = readingOf(protobufType, sampleResultOf);

const path = 'asample';
const mostAnew = 3;

export function samplerOf({ wire, life, source, name, protobuf, enter }: SamplerParts): Sampler {
  const reading = protobuf ? protobufReading : undefined;
  const send = async (body: object, callerSignal: AbortSignal | undefined): Promise<unknown> => {
    const link = linked([life, callerSignal]);
    const { signal } = link;
    try {
      return await enter(async () => {
        for (let anew = 0; ; anew++) {
          const taken = await ask(wire, { path, body: { ...body, ...source }, signal });
          try {
            return await resultOf(wire, path, textField(path, taken, 'request_id'), signal, reading);
          } catch (error) {
            // A draw changes nothing: it is asked for again.
            if (!(error instanceof PromiseLost) || anew + 1 >= mostAnew) throw error;
          }
        }
      });
    } finally {
      link.release();
    }
  };
  const promptLogps: Sampler['promptLogps'] = async (prompt, options = {}) => {
    checkPrompt('promptLogps', prompt);
    const params = { max_tokens: 1, temperature: 1, top_k: -1, top_p: 1, seed: 0 };
    const body = { prompt: promptOf(prompt), sampling_params: params, num_samples: 1, prompt_logprobs: true };
    const value = await send(body, options.signal);
    return promptLogpsOf(isRecord(value) ? value.prompt_logprobs : undefined, prompt.length);
  };
  return {
    name,
    promptLogps,
    logps: async (rows, options) => {
      const all: Float32Array[] = [];
      for (let from = 0; from < rows.length; from += together)
        all.push(...(await Promise.all(rows.slice(from, from + together).map((row) => promptLogps(row, options)))));
      return all;
    },
    sample: async (prompt, options) => {
      const { sampling, samples } = checked(options);
      checkPrompt('sample', prompt);
      const body = { prompt: promptOf(prompt), sampling_params: sampling, num_samples: samples };
      const value = await send(body, options.signal);
      const sequences = isRecord(value) ? value.sequences : undefined;
      if (!Array.isArray(sequences) || sequences.length !== samples)
        throw new ProtocolError(path, `sequences must hold ${samples}`);
      return sequences.map((sequence) => sampledOf(sequence, options.maxTokens));
    },
  };
}

const promptOf = (tokens: readonly number[]): object => ({ chunks: [{ type: 'encoded_text', tokens }] });

function checkPrompt(caller: string, prompt: readonly number[]): void {
  if (prompt.length === 0) throw new RangeError(`${caller}: prompt must hold at least one token id, got none`);
  const wrong = prompt.find((id) => !Number.isInteger(id) || id < 0);
  if (wrong !== undefined) throw new RangeError(`${caller}: prompt must hold token ids, got ${wrong}`);
}

function checked(options: SampleOptions): { sampling: object; samples: number } {
  assertOptions('sample', options, ['maxTokens', 'samples', 'seed', 'temperature', 'topK', 'topP', 'stop', 'signal']);
  const { maxTokens, samples = 1, seed, temperature = 1, topK, topP = 1, stop = [] } = options;
  for (const [field, value] of Object.entries({ maxTokens, samples, topK: topK ?? 1 }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new RangeError(`sample: ${field} must be an integer ≥ 1, got ${value}`);
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw new RangeError(`sample: temperature must be finite and ≥ 0, got ${temperature}`);
  if (!(topP > 0 && topP <= 1)) throw new RangeError(`sample: topP must be in (0, 1], got ${topP}`);
  if (seed !== undefined && !Number.isSafeInteger(seed))
    throw new RangeError(`sample: seed must be an integer, got ${seed}`);
  const sampling = {
    max_tokens: maxTokens,
    temperature,
    top_k: topK ?? -1,
    top_p: topP,
    ...(seed !== undefined && { seed }),
    ...(stop.length > 0 && { stop }),
  };
  return { sampling, samples };
}

function sampledOf(value: unknown, maxTokens: number): Sampled {
  const { tokens, logprobs, stop_reason: reason } = isRecord(value) ? value : {};
  if (!isNumbers(tokens, Number.isInteger) || tokens.length > maxTokens)
    throw new ProtocolError(path, `tokens must be at most ${maxTokens} ids`);
  if (!isNumbers(logprobs, Number.isFinite) || logprobs.length !== tokens.length)
    throw new ProtocolError(path, 'logprobs must be one finite number a token');
  if (reason !== 'stop' && reason !== 'length') throw new ProtocolError(path, "stop_reason must be 'stop' or 'length'");
  return { ids: tokens, logps: logprobs, finish: reason };
}

function isNumbers(value: unknown, fits: (entry: unknown) => boolean): value is number[] {
  return Array.isArray(value) && value.every(fits);
}

/** Some servers begin with a null for the first token, some leave it out. */
function promptLogpsOf(value: unknown, length: number): Float32Array {
  if (!Array.isArray(value) || (value.length !== length && value.length !== length - 1))
    throw new ProtocolError(path, `prompt_logprobs must hold ${length} or ${length - 1} numbers`);
  const known = value.length === length ? value.slice(1) : value;
  if (!isNumbers(known, Number.isFinite)) throw new ProtocolError(path, 'prompt_logprobs must be finite numbers');
  return Float32Array.of(0, ...known);
}
