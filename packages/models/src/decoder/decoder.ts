/** The decoder's forward pass: blocks of rotary attention and a gated feed-forward, over flat rows `[N, D]`, N = B·T. */
import type { StoredMatrix } from '@svo/files';
import { embedding, rotaryAttention } from '@svo/kernels';
import { recompute, type Tensor, tf } from '@svo/tensor';
import { afterAttention, queryKeyValue, scaled } from './block/block-parts.ts';
import { normed } from './block/layer-operations.ts';
import { earlierRows, shortConvolution } from './block/short-convolution.ts';
import type { Architecture } from './config/architecture.ts';
import { type Decoder, weightOf } from './decoder-record.ts';
import { checkParameters, type Params } from './parameters.ts';
import { queryScales } from './rotary/query-scales.ts';
import { type ByRotation, type RotaryTensors, tableTensors } from './rotary/rotations.ts';

/** The final norm. */
export const finalNorm = (model: Decoder, params: Params, x: Tensor): Tensor =>
  normed(model, params, `model.${model.architecture.names.finalNorm}`, x);

/**
 * An embedding trained apart from the matrix that a tied head keeps: what PEFT's `modules_to_save: ["embed_tokens"]` means on a tied
 * base. It is read in the place of `model.embed_tokens.weight`, which the head still uses.
 */
export const savedEmbedding = 'model.embed_tokens.modules_to_save.weight';

/** The head's matrix `[V, D]`: its own, or the embedding's where the two are tied and params hold no head. */
export const headWeight = (model: Decoder, params: Params): Tensor | StoredMatrix => {
  const { tiedHead, vocabSize, hiddenSize } = model.architecture;
  if (tiedHead && !params['lm_head.weight']) return weightOf(model, params, 'model.embed_tokens.weight');
  if (!params['lm_head.weight'] && model.frozen['lm_head.weight']) return model.frozen['lm_head.weight'];
  checkParameters('causalLm', params, { 'lm_head.weight': [vocabSize, hiddenSize] });
  return params['lm_head.weight']!;
};

/** Sizes of a batch of whole sequences, and its rotary tables on the device. */
export interface SequenceBatch {
  readonly batch: number;
  readonly length: number;
  readonly rotary: ByRotation<RotaryTensors>;
  /** `[B·T]` int32, where rows hold several examples: where in its row each token's example begins. */
  readonly starts?: Tensor;
  /** `[B·T, 1]`: what each token's query is multiplied by, where it depends on the position. */
  readonly queryScales?: Tensor;
  /** For convolutions: where each token's predecessors stand (see `earlierRows`). */
  readonly earlier?: readonly Tensor[];
}

/** Frequencies that follow a sequence's length cannot serve examples of several lengths in one row. */
const checkPacking = ({ rope }: Architecture, length: number): void => {
  const trained =
    rope.type === 'dynamic' ? rope.maxPositions : rope.type === 'longrope' ? rope.originalPositions : length;
  if (length > trained)
    throw new RangeError(
      `segments: rows must be at most ${trained} tokens under ${rope.type} RoPE scaling, got ${length} (its angles depend on each example's length; pad instead)`,
    );
};

/**
 * The sizes and tables of ids `[B, T]`. Examples packed into a row keep the positions they have in it: rotary attention
 * depends on distances alone.
 *
 * @throws RangeError when rows of several examples are longer than length-dependent frequencies allow
 */
export const sequenceBatch = (model: Decoder, ids: Tensor, starts?: Int32Array): SequenceBatch => {
  const [batch, length] = ids.shape as [number, number];
  const { convolution } = model.architecture;
  if (starts) checkPacking(model.architecture, length);
  const rotary = tableTensors(model.tables(length));
  const positions = Int32Array.from({ length: batch * length }, (_, row) => (row % length) - (starts?.[row] ?? 0));
  return {
    batch,
    length,
    rotary,
    ...(starts && { starts: tf.tensor1d(starts, 'int32') }),
    ...queryScales(model.architecture, positions),
    ...(convolution && { earlier: earlierRows(convolution.kernel, positions) }),
  };
};

/** Embedding rows of ids `[B, T]` or `[R]`: `[B·T, D]`. Every forward pass begins here, so the parameters are checked here. */
export const embedIds = (model: Decoder, params: Params, ids: Tensor): Tensor => {
  checkParameters('causalLm', params, model.trunk);
  const saved = params[savedEmbedding];
  if (saved) checkParameters('causalLm', params, { [savedEmbedding]: model.trunk['model.embed_tokens.weight']! });
  const table = saved ?? weightOf(model, params, 'model.embed_tokens.weight');
  const rows = embedding(table, tf.reshape(ids, [ids.size]));
  return scaled(rows, model.architecture.embeddingScale);
};

/**
 * One block over whole sequences.
 *
 * @param x `[B·T, D]`
 * @param rows `[n]` int32: the rows to go on with after attention, all of them when absent
 * @returns the block's output `[n, D]` or `[B·T, D]`, and its keys (not rotated) and values `[B·T, Hkv·d]`, or what went into its
 *   convolution `[B·T, D]`
 */
export const block = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
  { batch, length, rotary, starts, queryScales: scales, earlier }: SequenceBatch,
  rows?: Tensor,
): { x: Tensor; key: Tensor; value: Tensor } | { x: Tensor; input: Tensor } =>
  // Tidied layer by layer: what the backward pass needs is kept by the tape, everything else is freed here.
  tf.tidy(() => {
    const { heads, keyValueHeads, headDim, windows, rotations, convolution } = model.architecture;
    const picked = (values: Tensor): Tensor => (rows ? embedding(values, rows) : values);
    if (convolution?.layers[layer]) {
      const { mixed, input } = shortConvolution(model, params, layer, x, earlier!);
      return { x: afterAttention(model, params, layer, picked(x), picked(mixed)), input };
    }
    const window = windows[layer];
    const tables = rotary[rotations[layer]!]!;
    const { query, key, value } = queryKeyValue(model, params, layer, x, scales);
    const shape = { batch, length, heads, keyValueHeads, headDim, ...(window !== undefined && { window }) };
    const attended = rotaryAttention({ query, key, value, ...tables, ...(starts && { starts }) }, shape);
    return { x: afterAttention(model, params, layer, picked(x), picked(attended)), key, value };
  });

/** A block's output, of which only the inputs are kept for the backward pass. */
const recomputedBlock = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
  sequences: SequenceBatch,
  rows?: Tensor,
): Tensor => {
  const prefix = `model.layers.${layer}.`;
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith(prefix)));
  return recompute((given) => block(model, given.own, layer, given.x, given.sequences, given.rows).x, {
    x,
    own,
    sequences,
    rows,
  });
};

/**
 * Final hidden states, normed.
 *
 * @param ids `[B, T]` int32
 * @param starts `[B·T]` where in its row each token's example begins, for rows that hold several
 * @param rows `[n]` int32, rows b·T + t to return; all of them when absent. Rows are picked as early as nothing is lost
 *   by it: after the last layer's attention, before its feed-forward network.
 * @returns `[n, D]`, or `[B·T, D]`
 */
export const hiddenRows = (
  model: Decoder,
  params: Params,
  ids: Tensor,
  { rows, starts }: { readonly rows?: Tensor | undefined; readonly starts?: Int32Array | undefined } = {},
): Tensor => {
  const { layers } = model.architecture;
  const sequences = sequenceBatch(model, ids, starts);
  let x = embedIds(model, params, ids);
  for (let layer = 0; layer < layers; layer++) {
    const picked = layer === layers - 1 ? rows : undefined;
    x =
      model.checkpoint === 'layer'
        ? recomputedBlock(model, params, layer, x, sequences, picked)
        : block(model, params, layer, x, sequences, picked).x;
  }
  return finalNorm(model, params, x);
};
