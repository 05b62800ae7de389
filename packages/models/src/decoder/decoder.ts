/** The decoder's forward pass: pre-norm blocks of rotary attention and SwiGLU, over flat rows `[N, D]`, N = B·T. */
import { embedding, linear, rmsNorm, rotaryAttention, swiglu } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture } from './config.ts';
import { checkParameters, type Params, type Projection, parameterShapes, projectionName } from './parameters.ts';
import { decodingTables, type RotaryTables, rotaryTables } from './rope.ts';

/** What a forward pass needs besides parameters and ids: the architecture, adapters' scale, and its rotary tables. */
export interface Decoder {
  readonly architecture: Architecture;
  /** α / r of the LoRA adapters that params may hold; without it adapters in params are not looked at. */
  readonly adapterScale?: number;
  /** Shapes of all parameters but the head's, for checking. */
  readonly trunk: Readonly<Record<string, readonly number[]>>;
  /** Tables for whole sequences of `length` tokens. */
  readonly tables: (length: number) => RotaryTables;
  /** Tables for decoding token by token up to `capacity` tokens. */
  readonly decodingTables: (capacity: number) => RotaryTables;
}

/** A function of one number that remembers its last few results: sequence lengths repeat. */
const remembered = <T>(compute: (key: number) => T, most = 8): ((key: number) => T) => {
  const known = new Map<number, T>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.delete(key);
    known.set(key, value);
    if (known.size > most) known.delete(known.keys().next().value!);
    return value;
  };
};

const trunkShapes = (architecture: Architecture): Readonly<Record<string, readonly number[]>> => {
  const { 'lm_head.weight': _, ...trunk } = parameterShapes(architecture);
  return trunk;
};

/** Builds the record the forward pass reads. */
export const decoder = (architecture: Architecture, adapterScale?: number): Decoder => ({
  architecture,
  ...(adapterScale !== undefined && { adapterScale }),
  trunk: trunkShapes(architecture),
  tables: remembered((length) => rotaryTables(architecture.rope, architecture.headDim, length)),
  decodingTables: remembered((capacity) => decodingTables(architecture.rope, architecture.headDim, capacity)),
});

/** Uploads rotary tables as `[length, headDim / 2]`. */
export const tableTensors = ({ cos, sin, length, half }: RotaryTables): { cos: Tensor; sin: Tensor } => ({
  cos: tf.tensor2d(cos, [length, half]),
  sin: tf.tensor2d(sin, [length, half]),
});

/** x Wᵀ + b of a named projection, plus (α / r)·x Aᵀ Bᵀ where params hold adapters for it. */
const project = ({ adapterScale }: Decoder, params: Params, name: string, x: Tensor): Tensor => {
  const base = linear(x, params[`${name}.weight`], params[`${name}.bias`]);
  const down = adapterScale === undefined ? undefined : params[`${name}.lora_A.weight`];
  if (!down || adapterScale === undefined) return base;
  const low = linear(x, down);
  return tf.add(base, tf.mul(linear(low, params[`${name}.lora_B.weight`]), adapterScale));
};

/** RMSNorm over each head's dimensions (Qwen3), `[N, H·d] → [N, H·d]`. */
const headNorm = (x: Tensor, weight: Tensor, epsilon: number): Tensor => {
  const [headDim] = weight.shape;
  return tf.reshape(rmsNorm(tf.reshape(x, [x.size / headDim, headDim]), weight, epsilon), x.shape);
};

/** A layer's query, key and value rows, not yet rotated: `[N, H·d]`, `[N, Hkv·d]`, `[N, Hkv·d]`. */
export const queryKeyValue = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
): { query: Tensor; key: Tensor; value: Tensor } => {
  const { epsilon, queryKeyNorm } = model.architecture;
  const normed = rmsNorm(x, params[`model.layers.${layer}.input_layernorm.weight`], epsilon);
  const at = (projection: Projection): Tensor => project(model, params, projectionName(layer, projection), normed);
  const [query, key, value] = [at('q_proj'), at('k_proj'), at('v_proj')];
  if (!queryKeyNorm) return { query, key, value };
  const prefix = `model.layers.${layer}.self_attn`;
  return {
    query: headNorm(query, params[`${prefix}.q_norm.weight`], epsilon),
    key: headNorm(key, params[`${prefix}.k_norm.weight`], epsilon),
    value,
  };
};

/** The rest of a block after attention: output projection, residual, feed-forward, residual. `[N, D]`. */
export const afterAttention = (
  model: Decoder,
  params: Params,
  layer: number,
  residual: Tensor,
  attended: Tensor,
): Tensor => {
  const at = (projection: Projection, rows: Tensor): Tensor =>
    project(model, params, projectionName(layer, projection), rows);
  const x = tf.add(residual, at('o_proj', attended));
  const norm = params[`model.layers.${layer}.post_attention_layernorm.weight`];
  const normed = rmsNorm(x, norm, model.architecture.epsilon);
  return tf.add(x, at('down_proj', swiglu(at('gate_proj', normed), at('up_proj', normed))));
};

/** The final norm. */
export const finalNorm = ({ architecture }: Decoder, params: Params, x: Tensor): Tensor =>
  rmsNorm(x, params['model.norm.weight'], architecture.epsilon);

/**
 * An embedding trained apart from the matrix that a tied head keeps: what PEFT's `modules_to_save: ["embed_tokens"]` means on a tied
 * base. It is read in the place of `model.embed_tokens.weight`, which the head still uses.
 */
export const savedEmbedding = 'model.embed_tokens.modules_to_save.weight';

/** The head's matrix `[V, D]`: its own, or the embedding's where the two are tied and params hold no head. */
export const headWeight = ({ architecture }: Decoder, params: Params): Tensor => {
  const { tiedHead, vocabSize, hiddenSize } = architecture;
  if (tiedHead && !params['lm_head.weight']) return params['model.embed_tokens.weight'];
  checkParameters('causalLm', params, { 'lm_head.weight': [vocabSize, hiddenSize] });
  return params['lm_head.weight'];
};

/** Sizes of a batch of whole sequences, and its rotary tables on the device. */
export interface SequenceBatch {
  readonly batch: number;
  readonly length: number;
  readonly cos: Tensor;
  readonly sin: Tensor;
  /** `[B·T]` int32, where rows hold several examples: where in its row each token's example begins. */
  readonly starts?: Tensor;
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
  const [batch, length] = ids.shape;
  if (starts) checkPacking(model.architecture, length);
  const tables = tableTensors(model.tables(length));
  return { batch, length, ...tables, ...(starts && { starts: tf.tensor1d(starts, 'int32') }) };
};

/** Embedding rows of ids `[B, T]` or `[R]`: `[B·T, D]`. Every forward pass begins here, so the parameters are checked here. */
export const embedIds = (model: Decoder, params: Params, ids: Tensor): Tensor => {
  checkParameters('causalLm', params, model.trunk);
  const saved = params[savedEmbedding];
  if (saved) checkParameters('causalLm', params, { [savedEmbedding]: model.trunk['model.embed_tokens.weight'] });
  return embedding(saved ?? params['model.embed_tokens.weight'], tf.reshape(ids, [ids.size]));
};

/**
 * One block over whole sequences.
 *
 * @param x `[B·T, D]`
 * @param rows `[n]` int32: the rows to go on with after attention, all of them when absent
 * @returns the block's output `[n, D]` or `[B·T, D]`, and its keys (not rotated) and values `[B·T, Hkv·d]`
 */
export const block = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
  { batch, length, cos, sin, starts }: SequenceBatch,
  rows?: Tensor,
): { x: Tensor; key: Tensor; value: Tensor } =>
  // Tidied layer by layer: what the backward pass needs is kept by the tape, everything else is freed here.
  tf.tidy(() => {
    const { heads, keyValueHeads, headDim, windows } = model.architecture;
    const window = windows[layer];
    const { query, key, value } = queryKeyValue(model, params, layer, x);
    const shape = { batch, length, heads, keyValueHeads, headDim, ...(window !== undefined && { window }) };
    const attended = rotaryAttention({ query, key, value, cos, sin, ...(starts && { starts }) }, shape);
    const picked = (values: Tensor): Tensor => (rows ? embedding(values, rows) : values);
    return { x: afterAttention(model, params, layer, picked(x), picked(attended)), key, value };
  });

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
  for (let layer = 0; layer < layers; layer++)
    x = block(model, params, layer, x, sequences, layer === layers - 1 ? rows : undefined).x;
  return finalNorm(model, params, x);
};
