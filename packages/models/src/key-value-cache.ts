/** Keys and values of what has been read, so that each new token costs one row: prefill, decode, pick rows. */
import { cachedAttention, embedding, linear } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import {
  afterAttention,
  block,
  type Decoder,
  embedIds,
  finalNorm,
  headWeight,
  queryKeyValue,
  sequenceBatch,
  tableTensors,
} from './decoder.ts';
import { paddedIds } from './padded-ids.ts';
import type { Params } from './parameters.ts';

/** One layer's rotated keys and its values, `[R, capacity, Hkv·d]` each; written in place while decoding. */
export type LayerCache = {
  readonly key: Tensor;
  readonly value: Tensor;
};

/** The cache of R sequences, with the rotary tables for every position it has room for. The caller disposes it. */
export type KeyValueCache = {
  readonly rows: number;
  readonly capacity: number;
  readonly layers: LayerCache[];
  readonly cos: Tensor;
  readonly sin: Tensor;
};

/** Frees a cache. */
export const disposeCache = (cache: KeyValueCache): void =>
  tf.dispose([cache.cos, cache.sin, ...cache.layers.flatMap(({ key, value }) => [key, value])]);

/** Half-split rotation of `[B·T, H·d]` keys by their position: (a, b) → (a cos − b sin, b cos + a sin). */
const rotateKeys = (key: Tensor, cos: Tensor, sin: Tensor, batch: number): Tensor => {
  const [length, half] = cos.shape;
  const heads = key.shape[1]! / (2 * half!);
  const [a, b] = tf.split(tf.reshape(key, [batch, length!, heads, 2 * half!]), 2, 3);
  const [c, s] = [tf.reshape(cos, [1, length!, 1, half!]), tf.reshape(sin, [1, length!, 1, half!])];
  return tf.reshape(tf.concat([tf.sub(tf.mul(a, c), tf.mul(b, s)), tf.add(tf.mul(b, c), tf.mul(a, s))], 3), key.shape);
};

/** `[B·T, K]` to `[B, capacity, K]`, zeros behind. */
const withRoom = (rows: Tensor, batch: number, capacity: number): Tensor => {
  const length = rows.shape[0]! / batch;
  const sequences = tf.reshape(rows, [batch, length, rows.shape[1]!]);
  return length === capacity
    ? sequences
    : tf.concat([sequences, tf.zeros([batch, capacity - length, rows.shape[1]!])], 1);
};

/**
 * Reads prompts in one pass.
 *
 * @param prompts B lists of at least one id; lengths may differ
 * @param capacity how many tokens a row will hold in the end, prompt included
 * @param leastRows every matrix product has at least as many rows, by padding; 1 by default
 * @returns the cache, and the logits after each prompt's last token `[≥ B, V]`, rows from B on being padding; the caller
 *   disposes both
 */
export const prefill = (
  model: Decoder,
  params: Params,
  prompts: readonly (readonly number[])[],
  capacity: number,
  leastRows = 1,
): { cache: KeyValueCache; logits: Tensor } =>
  tf.tidy(() => {
    const batch = prompts.length;
    const ids = paddedIds(prompts, Math.ceil(leastRows / batch));
    const sequences = sequenceBatch(model, ids);
    const room = Math.max(capacity, sequences.length);
    const ends = prompts.map((prompt, row) => row * sequences.length + prompt.length - 1);
    while (ends.length < leastRows) ends.push(ends[0]);
    const last = tf.tensor1d(ends, 'int32');
    const { layers } = model.architecture;
    const kept: LayerCache[] = [];
    let x = embedIds(model, params, ids);
    for (let layer = 0; layer < layers; layer++) {
      const output = block(model, params, layer, x, sequences, layer === layers - 1 ? last : undefined);
      x = output.x;
      kept.push({
        key: tf.tidy(() => withRoom(rotateKeys(output.key, sequences.cos, sequences.sin, batch), batch, room)),
        value: withRoom(output.value, batch, room),
      });
    }
    const tables = tableTensors(model.decodingTables(room));
    return {
      cache: { rows: batch, capacity: room, layers: kept, ...tables },
      logits: linear(finalNorm(model, params, x), headWeight(model, params)),
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
    const { layers, heads, keyValueHeads, headDim, windows } = model.architecture;
    const at = tf.tensor1d(positions, 'int32');
    let x = embedIds(model, params, tf.tensor1d(tokens, 'int32'));
    for (let layer = 0; layer < layers; layer++) {
      const { key: keyCache, value: valueCache } = cache.layers[layer];
      const window = windows[layer];
      const inputs = {
        ...queryKeyValue(model, params, layer, x),
        keyCache,
        valueCache,
        positions: at,
        cos: cache.cos,
        sin: cache.sin,
      };
      const attended = cachedAttention(inputs, {
        heads,
        keyValueHeads,
        headDim,
        ...(window !== undefined && { window }),
      });
      x = afterAttention(model, params, layer, x, attended);
    }
    return linear(finalNorm(model, params, x), headWeight(model, params));
  });

/** A new cache whose row i is row `rows[i]` of the old one, which is freed. Rows may repeat or be missing. */
export const pickRows = (cache: KeyValueCache, rows: Int32Array): KeyValueCache => {
  const pick = (tensor: Tensor): Tensor =>
    tf.tidy(() => {
      const flat = tf.reshape(tensor, [tensor.shape[0]!, tensor.size / tensor.shape[0]!]);
      return tf.reshape(embedding(flat, tf.tensor1d(rows, 'int32')), [rows.length, ...tensor.shape.slice(1)]);
    });
  const layers = cache.layers.map(({ key, value }) => {
    const picked = { key: pick(key), value: pick(value) };
    tf.dispose([key, value]);
    return picked;
  });
  return { ...cache, rows: rows.length, layers };
};
