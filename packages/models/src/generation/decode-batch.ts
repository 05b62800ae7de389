/** One batch of rows decoded token by token, on the host side: who reads what next, who has finished, who is dropped. */
import { independentRows } from '@svo/kernels';
import type { Tensor } from '@svo/tensor';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Decoder } from '../decoder/decoder-record.ts';
import type { Params } from '../decoder/parameters.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { breather } from './breather.ts';
import type { GenerateOptions, Generation } from './generation.ts';
import { decodeStep, disposeCache, type KeyValueCache, pickRows, prefill, replaceRows } from './key-value-cache.ts';
import { logpsOfWritten } from './logps-of-written.ts';
import { sampler, samplingOf } from './sampling.ts';
import { type StopDetector, stopDetector } from './stop-strings.ts';

/** One continuation to draw: its prompt (shared by identity where prompts are equal) and its numbers in [0, 1). */
export interface DecodeJob {
  readonly prompt: readonly number[];
  readonly draws: Float64Array;
}

/** A continuation being written. */
interface Row {
  readonly job: DecodeJob;
  readonly ids: number[];
  readonly stops: StopDetector | undefined;
  finish: Generation['finish'] | undefined;
}

/** Every token that ends a text, as the model's files and the tokenizer's tell. */
export const endsOf = ({ architecture }: CausalLm, tokenizer: Tokenizer | undefined): readonly number[] => [
  ...new Set([...architecture.eosIds, ...(tokenizer?.endIds ?? [])]),
];

/** A batch shrinks once this share of its rows is still being written: copying the rest costs about one step. */
const shrinkBelow = 0.75;

/** Reads each distinct prompt once and repeats its cache row for every job that shares it. */
const readPrompts = async (
  lm: CausalLm,
  params: Params,
  jobs: readonly DecodeJob[],
  maxTokens: number,
  leastRows: number,
): Promise<{ cache: KeyValueCache; output: Tensor; logits: Float32Array; rowOf: Int32Array }> => {
  const prompts = [...new Set(jobs.map(({ prompt }) => prompt))];
  const index = new Map(prompts.map((prompt, row) => [prompt, row]));
  const rowOf = Int32Array.from(jobs, ({ prompt }) => index.get(prompt)!);
  const capacity = Math.max(...prompts.map(({ length }) => length)) + maxTokens - 1;
  const { cache, logits } = prefill(lm.decoder, params, prompts, padded(rowOf, leastRows), capacity, leastRows);
  return { cache, output: logits, logits: (await logits.data()) as Float32Array, rowOf };
};

/** At least `count` entries, the first one repeated. */
const padded = (rows: Int32Array, count: number): Int32Array =>
  rows.length >= count ? rows : Int32Array.from({ length: count }, (_, index) => rows[index] ?? rows[0]!);

const generation = ({ ids, stops, finish = 'length' }: Row, logps: readonly number[]): Generation => ({
  ids,
  logps,
  ...(stops && { text: stops.text() }),
  finish,
});

/**
 * Continues every job until a stop string, a stop id or `maxTokens`. `decoder` reads what is written; prompts are read by the model's own. Results are in the order of the jobs.
 * @throws the signal's reason when it is aborted
 */
export const decodeBatch = async (
  lm: CausalLm,
  params: Params,
  jobs: readonly DecodeJob[],
  options: GenerateOptions,
  decoder: Decoder = lm.decoder,
): Promise<Generation[]> => {
  const {
    maxTokens,
    tokenizer,
    stop = [],
    stopIds = endsOf(lm, options.tokenizer),
    independent = true,
    signal,
  } = options;
  const { vocabSize, rereadBeyond } = lm.architecture;
  const { draw } = sampler(vocabSize, samplingOf(options));
  const written = logpsOfWritten<Row>();
  // Where a product of few rows sums in an order of its own, padding keeps a row the same in any batch, bit for bit.
  const leastRows = independent ? independentRows() : 1;
  const breathe = breather();
  const ends = new Set(stopIds);
  const rows = jobs.map(
    (job): Row => ({ job, ids: [], stops: tokenizer && stopDetector(tokenizer, stop), finish: undefined }),
  );

  const extend = (row: Row, logits: Float32Array, offset: number): void => {
    const id = draw(logits, offset, row.job.draws[row.ids.length]!);
    row.ids.push(id);
    if (ends.has(id)) row.finish = 'end';
    else if (row.stops?.push(id)) row.finish = 'stop';
    else if (row.ids.length === maxTokens) row.finish = 'length';
  };

  /** Draws a token for each row from its place among the logits, and frees them. */
  const writeOn = (
    output: Tensor,
    logits: Float32Array,
    going: readonly (readonly [row: Row, place: number])[],
  ): void => {
    try {
      for (const [row, place] of going) extend(row, logits, place * vocabSize);
      written.keep(output, going);
    } finally {
      output.dispose();
    }
  };

  /** Rows at `places` read anew as whole texts and written on: a cache that holds them so. */
  const readAgain = async (
    held: readonly Row[],
    places: readonly number[],
    cache: KeyValueCache,
  ): Promise<KeyValueCache> => {
    const texts = places.map((place) => [...held[place]!.job.prompt, ...held[place]!.ids]);
    const rowOf = Int32Array.from(texts.keys());
    const fresh = prefill(lm.decoder, params, texts, rowOf, cache.capacity, leastRows);
    const again = (await fresh.logits.data()) as Float32Array;
    writeOn(
      fresh.logits,
      again,
      places.map((place, index) => [held[place]!, index]),
    );
    return replaceRows(cache, places, fresh.cache);
  };

  signal?.throwIfAborted();
  const prompts = await readPrompts(lm, params, jobs, maxTokens, leastRows);
  let { cache } = prompts;
  try {
    writeOn(
      prompts.output,
      prompts.logits,
      rows.map((row, index) => [row, prompts.rowOf[index]!]),
    );
    let held = rows;
    for (;;) {
      const live = held.filter((row) => row.finish === undefined);
      if (live.length === 0) break;
      await breathe();
      signal?.throwIfAborted();
      if (Math.max(live.length, leastRows) < shrinkBelow * cache.rows) {
        const kept = Int32Array.from(held.keys()).filter((index) => held[index]!.finish === undefined);
        cache = pickRows(cache, padded(kept, leastRows));
        held = live;
      }
      // A finished row that is still held, and a row of padding, read some token again at a place they own: never sampled.
      const tokens = new Int32Array(cache.rows);
      const positions = new Int32Array(cache.rows);
      for (let index = 0; index < cache.rows; index++) {
        const { ids, job } = held[index] ?? held[0]!;
        tokens[index] = ids.at(-1)!;
        positions[index] = Math.min(job.prompt.length + ids.length - 1, cache.capacity - 1);
      }
      const output = decodeStep(decoder, params, cache, tokens, positions);
      const logits = (await output.data()) as Float32Array;
      const places = [...held.keys()].filter((index) => held[index]!.finish === undefined);
      const outgrown = places.filter((index) => positions[index] === rereadBeyond);
      const going = places.filter((index) => positions[index] !== rereadBeyond);
      writeOn(
        output,
        logits,
        going.map((index) => [held[index]!, index]),
      );
      if (outgrown.length > 0) cache = await readAgain(held, outgrown, cache);
    }
    const logps = await written.read();
    return rows.map((row) => generation(row, logps.get(row)!));
  } finally {
    disposeCache(cache);
    written.dispose();
  }
};
