/** Keys and values of what has been read, so that each new token costs one row: prefill, decode, pick rows. */
import { cachedAttention, embedding, linear } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import { afterAttention, queryKeyValue } from '../decoder/block/block-parts.ts';
import { convolutionInputs, convolved } from '../decoder/block/short-convolution.ts';
import { block, embedIds, finalNorm, sequenceBatch } from '../decoder/decoder.ts';
import type { Decoder } from '../decoder/decoder-record.ts';
import { headLogits } from '../decoder/head/head.ts';
import type { Params } from '../decoder/parameters.ts';
import { queryScales } from '../decoder/rotary/query-scales.ts';
import type { RotaryTables } from '../decoder/rotary/rope.ts';
import { type ByRotation, type RotaryTensors, tableTensors } from '../decoder/rotary/rotations.ts';
import { paddedIds } from './padded-ids.ts';

/**
 * One layer's rotated keys and its values, `[R, capacity, Hkv·d]` each, written in place while decoding; or what last went into its
 * convolution, `[R, K − 1, D]`, another tensor after every token.
 */
type LayerCache = { readonly key: Tensor; readonly value: Tensor } | { readonly inputs: Tensor };

/** The cache of R sequences, with the rotary tables for every position it has room for. The caller disposes it. */
export type KeyValueCache = {
  readonly rows: number;
  readonly capacity: number;
  readonly layers: LayerCache[];
  readonly rotary: ByRotation<RotaryTensors>;
};

/** Frees a cache. */
export const disposeCache = (cache: KeyValueCache): void =>
  tf.dispose([
    ...Object.values(cache.rotary).flatMap(({ cos, sin }) => [cos, sin]),
    ...cache.layers.flatMap((layer) => Object.values(layer)),
  ]);

/** The matrix that turns a head's (a, b) into (−b, a), as `linear` takes it; products with 0 and ±1 are exact. */
const quarterTurn = (headDim: number): Tensor => {
  const half = headDim / 2;
  const matrix = new Float32Array(headDim * headDim);
  for (let i = 0; i < half; i++) {
    matrix[i * headDim + i + half] = -1;
    matrix[(i + half) * headDim + i] = 1;
  }
  return tf.tensor2d(matrix, [headDim, headDim]);
};

/** A rotary table laid out as keys are: both halves of every head side by side, one row a token of the batch. */
const spread = ({ length, half }: RotaryTables, table: Float32Array, batch: number, keyValueHeads: number): Tensor => {
  const width = keyValueHeads * 2 * half;
  const wide = Float32Array.from(
    { length: length * width },
    (_, at) => table[Math.floor(at / width) * half + (at % half)]!,
  );
  const position = Int32Array.from({ length: batch * length }, (_, row) => row % length);
  return embedding(tf.tensor2d(wide, [length, width]), tf.tensor1d(position, 'int32'));
};

/** Rotates a layer's keys `[B·T, Hkv·d]` by their positions: (a, b) → (a cos − b sin, b cos + a sin). */
const keyRotation = (model: Decoder, batch: number, length: number): ((layer: number, key: Tensor) => Tensor) => {
  const { keyValueHeads, headDim, rotations } = model.architecture;
  const tables: ByRotation<RotaryTensors> = Object.fromEntries(
    Object.entries(model.tables(length)).map(([kind, table]) => [
      kind,
      {
        cos: spread(table, table.cos, batch, keyValueHeads),
        sin: spread(table, table.sin, batch, keyValueHeads),
      },
    ]),
  );
  const turn = quarterTurn(headDim);
  return (layer, key) =>
    tf.tidy(() => {
      const { cos, sin } = tables[rotations[layer]!]!;
      const turned = tf.reshape(linear(tf.reshape(key, [key.size / headDim, headDim]), turn), key.shape);
      return tf.add(tf.mul(key, cos), tf.mul(turned, sin));
    });
};

/**
 * Which row of a prompt batch each place of the cache is filled from. Places behind a prompt repeat its last row: they are
 * written over before they are read.
 */
const cacheSources = (
  prompts: readonly (readonly number[])[],
  length: number,
  rowOf: Int32Array,
  capacity: number,
): Int32Array => {
  const sources = new Int32Array(rowOf.length * capacity);
  for (const [row, prompt] of rowOf.entries())
    for (let at = 0; at < capacity; at++)
      sources[row * capacity + at] = prompt * length + Math.min(at, prompts[prompt]!.length - 1);
  return sources;
};

/** Which rows of a prompt batch last went into a convolution of K before each row goes on, `[R × (K − 1)]`: 0 before a prompt's beginning, else 1 + the row. */
const lastSources = (
  prompts: readonly (readonly number[])[],
  length: number,
  rowOf: Int32Array,
  kernel: number,
): Int32Array =>
  Int32Array.from({ length: rowOf.length * (kernel - 1) }, (_, index) => {
    const prompt = rowOf[Math.floor(index / (kernel - 1))]!;
    const at = prompts[prompt]!.length - (kernel - 1) + (index % (kernel - 1));
    return at < 0 ? 0 : 1 + prompt * length + at;
  });

/** What last went into a convolution, `[R, K − 1, D]`: zeros before a prompt's beginning. */
const lastInputs = (input: Tensor, sources: Tensor, rows: number): Tensor => {
  const width = input.shape[1]!;
  const table = tf.concat([tf.zeros([1, width]), input]);
  return tf.reshape(embedding(table, sources), [rows, sources.size / rows, width]);
};

/** One token through a layer's convolution; the cache keeps what went in. */
const decodeConvolution = (model: Decoder, params: Params, cache: KeyValueCache, layer: number, x: Tensor): Tensor => {
  const { inputs } = cache.layers[layer] as { readonly inputs: Tensor };
  const { input, gate } = convolutionInputs(model, params, layer, x);
  const [rows, before, width] = inputs.shape as [number, number, number];
  const now = tf.reshape(input, [rows, 1, width]);
  const seen = tf.concat([inputs, now], 1);
  const earlier = tf.split(seen, before + 1, 1).map((one) => tf.reshape(one, [rows, width]));
  cache.layers[layer] = { inputs: tf.keep(tf.slice(seen, [0, 1, 0], [rows, before, width])) };
  inputs.dispose();
  return tf.mul(gate, convolved(params, layer, earlier));
};

/** As many copies of the first prompt behind the others as it takes for `leastRows` tokens in all. */
const withCopies = (prompts: readonly (readonly number[])[], leastRows: number): readonly (readonly number[])[] => {
  const longest = Math.max(...prompts.map(({ length }) => length));
  const missing = Math.max(0, Math.ceil(leastRows / longest) - prompts.length);
  return [...prompts, ...new Array<readonly number[]>(missing).fill(prompts[0]!)];
};

/**
 * Reads prompts in one pass.
 *
 * @param prompts B lists of at least one id; lengths may differ
 * @param rowOf `[R]`: the prompt each row of the cache begins with
 * @param capacity how many tokens a row will hold in the end, prompt included
 * @param leastRows every matrix product has at least as many rows, by padding; 1 by default
 * @returns the cache of R rows, and the logits after each prompt's last token `[≥ B, V]`, rows from B on being padding;
 *   the caller disposes both
 */
export const prefill = (
  model: Decoder,
  params: Params,
  prompts: readonly (readonly number[])[],
  rowOf: Int32Array,
  capacity: number,
  leastRows = 1,
): { cache: KeyValueCache; logits: Tensor } =>
  tf.tidy(() => {
    const ids = paddedIds(withCopies(prompts, leastRows));
    const sequences = sequenceBatch(model, ids);
    const { batch, length } = sequences;
    const ends = prompts.map((prompt, row) => row * length + prompt.length - 1);
    while (ends.length < leastRows) ends.push(ends[0]!);
    const last = tf.tensor1d(ends, 'int32');
    const rotated = keyRotation(model, batch, length);
    const sources = tf.tensor1d(cacheSources(prompts, length, rowOf, capacity), 'int32');
    const toCache = (rows: Tensor): Tensor =>
      tf.reshape(embedding(rows, sources), [rowOf.length, capacity, rows.shape[1]!]);
    const { layers, convolution } = model.architecture;
    const before = convolution && tf.tensor1d(lastSources(prompts, length, rowOf, convolution.kernel), 'int32');
    const kept: LayerCache[] = [];
    let x = embedIds(model, params, ids);
    for (let layer = 0; layer < layers; layer++) {
      const output = block(model, params, layer, x, sequences, layer === layers - 1 ? last : undefined);
      x = output.x;
      kept.push(
        'input' in output
          ? { inputs: lastInputs(output.input, before!, rowOf.length) }
          : { key: tf.tidy(() => toCache(rotated(layer, output.key))), value: toCache(output.value) },
      );
    }
    return {
      cache: { rows: rowOf.length, capacity, layers: kept, rotary: tableTensors(model.decodingTables(capacity)) },
      logits: headLogits(model, params, finalNorm(model, params, x)),
    };
  });

/**
 * Reads one token a row and writes its key and value into the cache.
 *
 * @param tokens `[R]` the token each row reads
 * @param positions `[R]` where it stands, i.e. how many tokens the row held before
 * @returns the logits of what follows, `[R, V]`
 */
export const decodeStep = (
  model: Decoder,
  params: Params,
  cache: KeyValueCache,
  tokens: Int32Array,
  positions: Int32Array,
): Tensor =>
  tf.tidy(() => {
    const { layers, heads, keyValueHeads, headDim, windows, rotations } = model.architecture;
    const at = tf.tensor1d(positions, 'int32');
    const { queryScales: scales } = queryScales(model.architecture, positions);
    let x = embedIds(model, params, tf.tensor1d(tokens, 'int32'));
    for (let layer = 0; layer < layers; layer++) {
      const kept = cache.layers[layer]!;
      if ('inputs' in kept) {
        x = afterAttention(model, params, layer, x, decodeConvolution(model, params, cache, layer, x));
        continue;
      }
      const { key: keyCache, value: valueCache } = kept;
      const window = windows[layer];
      const inputs = {
        ...queryKeyValue(model, params, layer, x, scales),
        keyCache,
        valueCache,
        positions: at,
        ...cache.rotary[rotations[layer]!]!,
      };
      const attended = cachedAttention(inputs, {
        heads,
        keyValueHeads,
        headDim,
        ...(window !== undefined && { window }),
      });
      x = afterAttention(model, params, layer, x, attended);
    }
    return headLogits(model, params, finalNorm(model, params, x));
  });

/** Another cache of a layer, part by part. */
const mapLayer = (layer: LayerCache, of: (tensor: Tensor, part: string) => Tensor): LayerCache =>
  Object.fromEntries(Object.entries(layer).map(([part, tensor]) => [part, of(tensor, part)])) as LayerCache;

/** The cache with some rows taken from another of the same capacity; both are freed. */
export const replaceRows = (cache: KeyValueCache, places: readonly number[], fresh: KeyValueCache): KeyValueCache => {
  const both = cache.layers.map((layer, index) => {
    const other = fresh.layers[index];
    return mapLayer(layer, (tensor, part) => {
      const joined = tf.concat([tensor, (other as Record<string, Tensor>)[part]!]);
      tensor.dispose();
      return joined;
    });
  });
  disposeCache(fresh);
  const sources = Int32Array.from({ length: cache.rows }, (_, row) => row);
  for (const [index, place] of places.entries()) sources[place] = cache.rows + index;
  return pickRows({ ...cache, layers: both }, sources);
};

/** A new cache whose row i is row `rows[i]` of the old one, which is freed. Rows may repeat or be missing. */
export const pickRows = (cache: KeyValueCache, rows: Int32Array): KeyValueCache => {
  const pick = (tensor: Tensor): Tensor =>
    tf.tidy(() => {
      const flat = tf.reshape(tensor, [tensor.shape[0]!, tensor.size / tensor.shape[0]!]);
      return tf.reshape(embedding(flat, tf.tensor1d(rows, 'int32')), [rows.length, ...tensor.shape.slice(1)]);
    });
  const layers = cache.layers.map((layer) =>
    mapLayer(layer, (tensor) => {
      const picked = pick(tensor);
      tensor.dispose();
      return picked;
    }),
  );
  return { ...cache, rows: rows.length, layers };
};
