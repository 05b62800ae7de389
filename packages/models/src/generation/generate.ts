/** Sampling continuations of token ids: prompts are read once, samples decode together, finished rows leave. */
import { assertOptions, createRng, promptIds, splitRng, uniforms } from '@svo/mdp';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Params } from '../decoder/parameters.ts';
import { angleGroup } from '../decoder/rotary/rope.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { type DecodeJob, decodeBatch } from './decode-batch.ts';
import { decodingModel } from './decoding-model.ts';
import type { GenerateOptions, Generation } from './generation.ts';
import { checkSampling, samplingKeys } from './sampling.ts';

const known = [
  ...samplingKeys,
  'maxTokens',
  'stop',
  'stopIds',
  'tokenizer',
  'samples',
  'seed',
  'batchRows',
  'cacheBytes',
  'independent',
  'activations',
  'signal',
];

const settle = ({ samples = 1, seed = 0, batchRows = 512, cacheBytes = 2 ** 29, ...options }: GenerateOptions) => ({
  ...options,
  samples,
  seed,
  batchRows,
  cacheBytes,
});

type Settled = ReturnType<typeof settle>;

const checkOptions = (prompts: readonly (readonly number[])[], options: Settled, vocabularySize: number): void => {
  checkSampling('generate', options);
  const { maxTokens, samples, stop = [], tokenizer, seed, batchRows } = options;
  for (const [name, value] of Object.entries({ maxTokens, samples, batchRows }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`generate: ${name} must be an integer ≥ 1, got ${value}`);
  if (stop.length > 0 && !tokenizer)
    throw new RangeError('generate: stop needs a tokenizer (to know what the ids spell)');
  if (stop.includes('')) throw new RangeError("generate: stop must not hold '' (every text ends with it)");
  if (typeof seed === 'object' && seed.length !== prompts.length)
    throw new RangeError(`generate: seed must have one entry a prompt (${prompts.length}), got ${seed.length}`);
  prompts.forEach((prompt, index) => {
    if (prompt.length === 0)
      throw new RangeError(`generate: prompts[${index}] must hold at least one token (start with bosId)`);
    const wrong = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
    if (wrong !== undefined)
      throw new RangeError(`generate: prompts[${index}] must hold ids in [0, ${vocabularySize}), got ${wrong}`);
  });
};

/** Prompts that are equal are read once: jobs of one prompt share it. */
const jobsOf = (prompts: readonly (readonly number[])[], { samples, seed, maxTokens }: Settled): DecodeJob[] => {
  const seen = new Map<string, readonly number[]>();
  return prompts.flatMap((given, index) => {
    const key = given.join();
    const prompt = seen.get(key) ?? given;
    seen.set(key, prompt);
    const stream = typeof seed === 'number' ? splitRng(createRng(seed), index) : createRng(seed[index]!);
    return Array.from({ length: samples }, (_, sample) => ({
      prompt,
      draws: uniforms(splitRng(stream, sample), maxTokens),
    }));
  });
};

/** Rows a batch may hold so that its cache stays within `cacheBytes`. */
const rowsWithin = (lm: CausalLm, longest: number, { maxTokens, batchRows, cacheBytes }: Settled): number => {
  const { layers, keyValueHeads, headDim } = lm.architecture;
  const bytesPerRow = (longest + maxTokens) * layers * keyValueHeads * headDim * 2 * 4;
  return Math.max(1, Math.min(batchRows, Math.floor(cacheBytes / bytesPerRow)));
};

/** Prompts as ids; a text begins with bos where the tokenizer has one, as a training row does. */
const idsOf = (
  prompts: readonly (readonly number[] | string)[],
  tokenizer: Tokenizer | undefined,
): (readonly number[])[] =>
  prompts.map((prompt, index) => {
    if (typeof prompt !== 'string') return prompt;
    if (!tokenizer)
      throw new RangeError(`generate: prompts[${index}] is a text, which needs a tokenizer (or pass token ids)`);
    return promptIds(tokenizer, tokenizer.encode(prompt));
  });

/**
 * Continues prompts. A row's tokens depend on its prompt, its seed and its sample's index alone, never on what else is
 * in the batch, on `batchRows`, or on the order of prompts with seeds of their own (but see `independent`).
 *
 * @param prompts texts, or lists of token ids, of any lengths. A text begins with bos where the tokenizer has one; ids are
 *   taken as they are (so `tokenizer.encode(text)` alone may lack the bos that the model was trained with)
 * @returns for each prompt, `samples` continuations
 * @throws RangeError for settings out of range, `activations: 'int8'` where no weight can be multiplied so, an empty prompt, or an id outside the vocabulary
 * @throws the signal's reason, when it is aborted
 * @example
 * ```ts
 * import { causalLm, generate } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const [samples] = await generate(lm, lm.init(1), [[1, 5, 9]], { maxTokens: 4, samples: 2, stopIds: [], seed: 7 });
 * samples!.map(({ ids, finish }) => [ids.length, finish]); // => [[4, 'length'], [4, 'length']]
 * ```
 */
export const generate = async (
  lm: CausalLm,
  params: Params,
  prompts: readonly (readonly number[] | string)[],
  options: GenerateOptions,
): Promise<Generation[][]> => {
  assertOptions('generate', options, known);
  const settled = settle(options);
  const { samples } = settled;
  const ids = idsOf(prompts, options.tokenizer);
  checkOptions(ids, settled, lm.architecture.vocabSize);
  const decoder = decodingModel(lm, options.activations);
  const { rope } = lm.architecture;
  const jobs = jobsOf(ids, settled);
  // Rows of like length together: less padding, and equal prompts side by side so that a batch reads them once.
  const first = new Map<readonly number[], number>();
  for (const [index, { prompt }] of jobs.entries()) if (!first.has(prompt)) first.set(prompt, index);
  const order = jobs
    .map((_, index) => index)
    .sort(
      (a, b) =>
        jobs[a]!.prompt.length - jobs[b]!.prompt.length ||
        first.get(jobs[a]!.prompt)! - first.get(jobs[b]!.prompt)! ||
        a - b,
    );
  const results: Generation[] = new Array(jobs.length);
  for (let end = order.length; end > 0; ) {
    const longest = jobs[order[end - 1]!]!.prompt.length;
    const rows = rowsWithin(lm, longest, settled);
    const batch = order
      .slice(Math.max(0, end - rows), end)
      .filter((index) => angleGroup(rope, jobs[index]!.prompt.length) === angleGroup(rope, longest));
    const done = await decodeBatch(
      lm,
      params,
      batch.map((index) => jobs[index]!),
      options,
      decoder,
    );
    batch.forEach((index, row) => {
      results[index] = done[row]!;
    });
    end -= batch.length;
  }
  return prompts.map((_, index) => results.slice(index * samples, (index + 1) * samples));
};
