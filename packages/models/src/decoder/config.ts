/** config.json of Llama, Qwen2, Qwen3 and Mistral, in the older and the newer spelling of its keys, as one plain record. */
import { z } from 'zod';
import { type RopeParameters, ropeParameters } from './rope-parameters.ts';

/** The model families whose `model_type` is understood. */
export type ModelFamily = 'llama' | 'qwen2' | 'qwen3' | 'mistral';

/**
 * A `config.json` as Hugging Face writes it: snake_case keys, all but the sizes optional. Keys that are not understood
 * are carried along, so that saving a loaded model loses nothing.
 */
export interface ModelConfig {
  readonly model_type: ModelFamily;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly [key: string]: unknown;
}

/** What a config means, with every family's defaults filled in: the record the decoder is built from. */
export interface Architecture {
  readonly family: ModelFamily;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** ε of every RMSNorm. */
  readonly epsilon: number;
  /** The head is the embedding, transposed. */
  readonly tiedHead: boolean;
  /** Biases of q, k and v. */
  readonly queryKeyValueBias: boolean;
  /** Bias of the attention's output projection. */
  readonly outputBias: boolean;
  /** Biases of gate, up and down. */
  readonly feedForwardBias: boolean;
  /** RMSNorm over each head's query and key before the rotation (Qwen3). */
  readonly queryKeyNorm: boolean;
  /** How many tokens each layer sees, itself included; `undefined` is all of them. One entry a layer. */
  readonly windows: readonly (number | undefined)[];
  readonly rope: RopeParameters;
  readonly maxPositions: number;
  /** Standard deviation of freshly drawn weights. */
  readonly initializerRange: number;
  readonly bosId: number | undefined;
  readonly eosIds: readonly number[];
  readonly padId: number | undefined;
}

const size = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const tokenId = z.int().min(0);

const schema = z.looseObject({
  model_type: z.enum(['llama', 'qwen2', 'qwen3', 'mistral']),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size.max(4096),
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  // swish is silu's other name.
  hidden_act: z.enum(['silu', 'swish']).nullish(),
  rms_norm_eps: z.number().positive().nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  max_position_embeddings: size.nullish(),
  initializer_range: z.number().min(0).nullish(),
  use_sliding_window: z.boolean().nullish(),
  sliding_window: size.nullish(),
  max_window_layers: z.int().min(0).nullish(),
  layer_types: z.array(z.enum(['full_attention', 'sliding_attention'])).nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  pad_token_id: z.int().nullish(),
  quantization_config: z
    .undefined({ error: 'quantised weights are not read; save the model in bf16, f16 or f32' })
    .optional(),
});

type Parsed = z.infer<typeof schema>;

/** What transformers assumes for a key that a file leaves out; these differ between families. */
const familyDefaults = {
  llama: { maxPositions: 2048, keyValueHeads: undefined, headDim: undefined },
  mistral: { maxPositions: 131_072, keyValueHeads: 8, headDim: undefined },
  qwen2: { maxPositions: 32_768, keyValueHeads: 32, headDim: undefined },
  qwen3: { maxPositions: 32_768, keyValueHeads: 32, headDim: 128 },
} as const;

/** A key that is absent takes the family's default; one that is null means "derive it from the others". */
const orDerived = (given: number | null | undefined, familyDefault: number | undefined, derived: number): number =>
  given === undefined ? (familyDefault ?? derived) : (given ?? derived);

const windowsOf = (config: Parsed): (number | undefined)[] => {
  const { model_type: family, num_hidden_layers: layers } = config;
  const everywhere = (window: number | undefined): (number | undefined)[] => new Array(layers).fill(window);
  if (family === 'llama') return everywhere(undefined);
  const window = config.sliding_window === undefined ? 4096 : (config.sliding_window ?? undefined);
  if (family === 'mistral') return everywhere(window);
  if (!config.use_sliding_window) return everywhere(undefined);
  const first = config.max_window_layers ?? 28;
  return everywhere(undefined).map((_, layer) =>
    (config.layer_types?.[layer] ?? (layer >= first ? 'sliding_attention' : 'full_attention')) === 'sliding_attention'
      ? window
      : undefined,
  );
};

const idList = (ids: number | readonly number[] | null | undefined): readonly number[] =>
  ids === null || ids === undefined ? [] : typeof ids === 'number' ? [ids] : ids;

const complain = (source: string, message: string): never => {
  throw new RangeError(`${source}: ${message}`);
};

/**
 * Reads a `config.json` of Llama, Qwen2, Qwen3 or Mistral into an {@link Architecture}. Both spellings of the rotary
 * keys are read (`rope_theta` + `rope_scaling`, and `rope_parameters`), and absent keys take the family's defaults in
 * transformers 5.
 *
 * @param config the parsed JSON
 * @param source the name used in error messages
 * @throws RangeError naming every key that is missing, of the wrong type, or not supported
 * @example
 * ```ts
 * import { parseConfig } from '@svo/models';
 * const architecture = parseConfig({
 *   model_type: 'llama', vocab_size: 64, hidden_size: 64, intermediate_size: 192, num_hidden_layers: 2, num_attention_heads: 4,
 * });
 * architecture.headDim; // => 16
 * architecture.keyValueHeads; // => 4
 * ```
 */
export const parseConfig = (config: unknown, source = 'parseConfig'): Architecture => {
  const result = schema.safeParse(config);
  if (!result.success)
    return complain(
      source,
      result.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`).join('; '),
    );
  const parsed = result.data;
  const family = parsed.model_type;
  const defaults = familyDefaults[family];
  const heads = parsed.num_attention_heads;
  const keyValueHeads = orDerived(parsed.num_key_value_heads, defaults.keyValueHeads, heads);
  const headDim = orDerived(parsed.head_dim, defaults.headDim, Math.floor(parsed.hidden_size / heads));
  const attentionBias = parsed.attention_bias ?? false;
  const maxPositions = parsed.max_position_embeddings ?? defaults.maxPositions;
  if (heads % keyValueHeads !== 0)
    complain(
      source,
      `num_attention_heads must be a multiple of num_key_value_heads, got ${heads} and ${keyValueHeads}`,
    );
  if (headDim < 2 || headDim % 2 !== 0)
    complain(source, `head_dim must be even (its halves are rotated), got ${headDim}`);
  if (parsed.layer_types && parsed.layer_types.length !== parsed.num_hidden_layers)
    complain(
      source,
      `layer_types must have num_hidden_layers = ${parsed.num_hidden_layers} entries, got ${parsed.layer_types.length}`,
    );
  return {
    family,
    vocabSize: parsed.vocab_size,
    hiddenSize: parsed.hidden_size,
    intermediateSize: parsed.intermediate_size,
    layers: parsed.num_hidden_layers,
    heads,
    keyValueHeads,
    headDim,
    epsilon: parsed.rms_norm_eps ?? 1e-6,
    tiedHead: parsed.tie_word_embeddings ?? false,
    queryKeyValueBias: family === 'qwen2' || (family !== 'mistral' && attentionBias),
    outputBias: (family === 'llama' || family === 'qwen3') && attentionBias,
    feedForwardBias: family === 'llama' && (parsed.mlp_bias ?? false),
    queryKeyNorm: family === 'qwen3',
    windows: windowsOf(parsed),
    rope: ropeParameters(parsed, { maxPositions, headDim }, source),
    maxPositions,
    initializerRange: parsed.initializer_range ?? 0.02,
    bosId: parsed.bos_token_id ?? undefined,
    eosIds: idList(parsed.eos_token_id),
    padId: parsed.pad_token_id ?? undefined,
  };
};
