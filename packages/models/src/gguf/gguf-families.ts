/** The families whose models GGUF has a place for: what llama.cpp calls their parts, and what its files say of them. */
import type { GgufMetadata, GgufValue } from '@svo/files';
import type { Architecture, ModelFamily } from '../decoder/config/architecture.ts';
import { type MetadataKeys, plainDecimal } from './metadata-keys.ts';

export const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
export const float32 = (value: number): GgufValue => ({ type: 'float32', value: Math.fround(value) });

/** One architecture of llama.cpp, as the family that is read from its files. */
export interface GgufFamily {
  readonly family: ModelFamily;
  /** `general.architecture`. */
  readonly architecture: string;
  /** Rows of queries and keys that the rotation pairs are neighbours; half a head apart otherwise, as Hugging Face has them. */
  readonly pairedRows?: boolean;
  /** ggml's names of parts, and ours, where they are not Llama's. */
  readonly parts?: Readonly<Record<string, string>>;
  /** What the file's norms are more than the folder's. */
  readonly normOffset?: number;
  /** Windows may be said. */
  readonly windows?: boolean;
  /** Matrices of a layer may have biases: which key of config.json says so, by the tensor that tells. */
  readonly biases?: Readonly<Record<string, string>>;
  /** Keys of config.json besides those every file says. @throws RangeError for what this package does not compute */
  readonly read?: (keys: MetadataKeys) => Readonly<Record<string, unknown>>;
  /** Metadata besides what every file says. */
  readonly written?: (architecture: Architecture) => GgufMetadata;
  /** What llama.cpp does not compute of an architecture, as "… must be …"; undefined where there is nothing. */
  readonly refusal?: (architecture: Architecture) => string | undefined;
}

const llamaBiases = { attention_bias: 'blk.0.attn_q.bias', mlp_bias: 'blk.0.ffn_gate.bias' };

const llama: GgufFamily = { family: 'llama', architecture: 'llama', pairedRows: true, biases: llamaBiases };

const qwen3: GgufFamily = {
  family: 'qwen3',
  architecture: 'qwen3',
  biases: { attention_bias: 'blk.0.attn_q.bias' },
};

const smollm3: GgufFamily = {
  family: 'smollm3',
  architecture: 'smollm3',
  pairedRows: true,
  biases: llamaBiases,
  // llama.cpp has it in its code: every fourth layer.
  read: () => ({ no_rope_layer_interval: 4 }),
  refusal: ({ rotations }) =>
    rotations.every((rotation, layer) => (rotation === 'none') === ((layer + 1) % 4 === 0))
      ? undefined
      : 'no_rope_layers must be every fourth',
};

const graniteScales = {
  embedding_multiplier: 'granite.embedding_scale',
  residual_multiplier: 'granite.residual_scale',
  attention_multiplier: 'granite.attention.scale',
  logits_scaling: 'granite.logit_scale',
} as const;

const granite: GgufFamily = {
  family: 'granite',
  architecture: 'granite',
  pairedRows: true,
  biases: llamaBiases,
  read: (keys) =>
    Object.fromEntries(
      Object.entries(graniteScales).map(([ours, theirs]) => [
        ours,
        plainDecimal(keys.needed(keys.number(theirs), theirs)),
      ]),
    ),
  written: ({ embeddingScale, residualScale, scoreScale, logitScale, headDim }) => ({
    [graniteScales.embedding_multiplier]: float32(embeddingScale),
    [graniteScales.residual_multiplier]: float32(residualScale),
    [graniteScales.attention_multiplier]: float32(scoreScale / Math.sqrt(headDim)),
    [graniteScales.logits_scaling]: float32(1 / logitScale),
  }),
};

/** Every how many layers one sees everything; undefined where they do not take turns. */
const turnOf = ({ windows, layers }: Architecture): number | undefined => {
  const first = windows.indexOf(undefined);
  const turn = first < 0 ? layers + 1 : first + 1;
  return windows.every((window, layer) => (window === undefined) === ((layer + 1) % turn === 0)) ? turn : undefined;
};

const gemma3: GgufFamily = {
  family: 'gemma3_text',
  architecture: 'gemma3',
  normOffset: 1,
  windows: true,
  parts: {
    post_attention_norm: 'post_attention_layernorm',
    ffn_norm: 'pre_feedforward_layernorm',
    post_ffw_norm: 'post_feedforward_layernorm',
  },
  read: (keys) => {
    const heads = keys.needed(keys.count('gemma3.attention.head_count'), 'gemma3.attention.head_count');
    const hidden = keys.needed(keys.count('gemma3.embedding_length'), 'gemma3.embedding_length');
    const cap = keys.number('gemma3.final_logit_softcapping');
    return {
      hidden_act: undefined,
      // llama.cpp knows the 27 B model by its layers.
      query_pre_attn_scalar: keys.count('gemma3.block_count') === 62 ? hidden / heads : headDimOf(keys, 'gemma3'),
      sliding_window: keys.count('gemma3.attention.sliding_window') ?? null,
      sliding_window_pattern: keys.count('gemma3.attention.sliding_window')
        ? (keys.count('gemma3.attention.sliding_window_pattern') ?? 6)
        : 1,
      rope_local_base_freq: plainDecimal(keys.number('gemma3.rope.freq_base_swa') ?? 10_000),
      ...(cap && { final_logit_softcapping: plainDecimal(cap) }),
    };
  },
  written: (architecture) => {
    const { windows, localRope, logitCap } = architecture;
    const window = windows.find((one) => one !== undefined);
    return {
      ...(window !== undefined && {
        'gemma3.attention.sliding_window': uint32(window),
        'gemma3.attention.sliding_window_pattern': uint32(turnOf(architecture)!),
        'gemma3.rope.freq_base_swa': float32(localRope!.theta),
      }),
      ...(logitCap !== undefined && { 'gemma3.final_logit_softcapping': float32(logitCap) }),
    };
  },
  refusal: (architecture) => {
    const { headDim, hiddenSize, heads, layers, scoreScale, localRope, queryKeyValueBias, tiedHead } = architecture;
    const scalar = layers === 62 ? hiddenSize / heads : headDim;
    if (Math.abs(scoreScale - Math.sqrt(headDim / scalar)) > 1e-6) return `query_pre_attn_scalar must be ${scalar}`;
    if (turnOf(architecture) === undefined) return 'layer_types must have full_attention in turns of one length';
    if (localRope!.type !== 'default')
      return `rope_parameters of sliding_attention must be default, got ${localRope!.type}`;
    if (!tiedHead) return 'tie_word_embeddings must be true';
    return queryKeyValueBias ? 'attention_bias must be false' : undefined;
  },
};

const olmo2: GgufFamily = {
  family: 'olmo2',
  architecture: 'olmo2',
  parts: { post_attention_norm: 'post_attention_layernorm', post_ffw_norm: 'post_feedforward_layernorm' },
  read: (keys) => {
    if (keys.has('olmo2.attention.sliding_window')) keys.fail('olmo2.attention.sliding_window (OLMo 3) is not read');
    return {};
  },
  refusal: ({ queryKeyValueBias }) => (queryKeyValueBias ? 'attention_bias must be false' : undefined),
};

const seedOss: GgufFamily = {
  family: 'seed_oss',
  architecture: 'seed_oss',
  parts: { post_attention_norm: 'post_attention_layernorm' },
  biases: { attention_bias: 'blk.0.attn_q.bias' },
  refusal: ({ outputBias, feedForwardBias }) =>
    outputBias || feedForwardBias ? 'attention_out_bias and mlp_bias must be false' : undefined,
};

const qwen3Moe: GgufFamily = {
  family: 'qwen3_moe',
  architecture: 'qwen3moe',
  parts: { ffn_gate_inp: 'mlp.gate' },
  read: (keys) => {
    const count = (name: string): number => keys.needed(keys.count(`qwen3moe.${name}`), `qwen3moe.${name}`);
    return {
      num_experts: count('expert_count'),
      num_experts_per_tok: count('expert_used_count'),
      moe_intermediate_size: count('expert_feed_forward_length'),
      // llama.cpp has both in its code.
      norm_topk_prob: true,
      decoder_sparse_step: 1,
    };
  },
  written: ({ experts }) => ({
    'qwen3moe.expert_count': uint32(experts!.count),
    'qwen3moe.expert_used_count': uint32(experts!.active),
    'qwen3moe.expert_feed_forward_length': uint32(experts!.innerSize),
  }),
  refusal: ({ experts, queryKeyValueBias }) => {
    if (!experts!.normalized) return 'norm_topk_prob must be true';
    if (!experts!.layers.every(Boolean)) return 'mlp_only_layers must be empty and decoder_sparse_step 1';
    return queryKeyValueBias ? 'attention_bias must be false' : undefined;
  },
};

/** Head dimension: said, or the hidden size divided among the heads. */
export const headDimOf = (keys: MetadataKeys, architecture: string): number => {
  const heads = keys.needed(keys.count(`${architecture}.attention.head_count`), `${architecture}.attention.head_count`);
  const hidden = keys.needed(keys.count(`${architecture}.embedding_length`), `${architecture}.embedding_length`);
  return keys.count(`${architecture}.attention.key_length`) ?? (heads > 0 ? Math.floor(hidden / heads) : 0);
};

const known: readonly GgufFamily[] = [
  llama,
  { family: 'qwen2', architecture: 'qwen2' },
  qwen3,
  qwen3Moe,
  smollm3,
  granite,
  gemma3,
  olmo2,
  seedOss,
];

/** What a file holds, by its `general.architecture`. Mistral's files, and many others', call themselves llama. */
export const familyInFile = (keys: MetadataKeys): GgufFamily => {
  const architecture = keys.needed(keys.text('general.architecture'), 'general.architecture');
  const names = known.map((one) => one.architecture).join(', ');
  return (
    known.find((one) => one.architecture === architecture) ??
    keys.fail(`general.architecture must be one of ${names}, got '${architecture.slice(0, 60)}'`)
  );
};

/**
 * How a model is written. A Mistral is a Llama there.
 * @throws RangeError for families, and for settings of them, that llama.cpp does not compute
 */
export const familyForFile = (architecture: Architecture): GgufFamily => {
  const family = architecture.family === 'mistral' ? 'llama' : architecture.family;
  const found = known.find((one) => one.family === family);
  if (!found)
    throw new RangeError(
      `saveGguf: family must be mistral or one of ${known.map((one) => one.family).join(', ')}, got ${architecture.family}`,
    );
  const refused = found.refusal?.(architecture);
  if (refused !== undefined)
    throw new RangeError(`saveGguf: llama.cpp computes no other ${found.architecture}: ${refused}`);
  return found;
};
