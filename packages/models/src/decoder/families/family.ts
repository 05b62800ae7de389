/** What a family is: the keys it reads, what it assumes for those left out, and where it differs from Llama. */
import * as z from 'zod';
import type { Sizes, Traits } from '../config/architecture.ts';

const size = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const tokenId = z.int().min(0);

/** The keys every family shares, checked. */
export interface CommonConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads?: number | null | undefined;
  readonly head_dim?: number | null | undefined;
  readonly rms_norm_eps?: number | null | undefined;
  readonly tie_word_embeddings?: boolean | null | undefined;
  readonly attention_bias?: boolean | null | undefined;
  readonly mlp_bias?: boolean | null | undefined;
  readonly max_position_embeddings?: number | null | undefined;
  readonly initializer_range?: number | null | undefined;
  readonly use_sliding_window?: boolean | null | undefined;
  readonly sliding_window?: number | null | undefined;
  readonly max_window_layers?: number | null | undefined;
  readonly layer_types?: readonly string[] | null | undefined;
  readonly bos_token_id?: number | null | undefined;
  readonly eos_token_id?: number | readonly number[] | null | undefined;
  readonly pad_token_id?: number | null | undefined;
  readonly [key: string]: unknown;
}

/** What {@link CommonConfig} must be. */
export const commonKeys: z.ZodType<CommonConfig> = z.looseObject({
  model_type: z.string(),
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
  layer_types: z.array(z.string()).nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  pad_token_id: z.int().nullish(),
  quantization_config: z
    .undefined({ error: 'quantised weights are not read; save the model in bf16, f16 or f32' })
    .optional(),
});

/**
 * Keys of a config, checked.
 * @throws RangeError naming every key that is missing or malformed
 */
export const checked = <T>(source: string, schema: z.ZodType<T>, config: unknown): T => {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`);
  throw new RangeError(`${source}: ${issues.join('; ')}`);
};

/** What transformers assumes for a key that a file leaves out. */
export interface FamilyDefaults {
  readonly maxPositions: number;
  /** As many as there are heads when absent. */
  readonly keyValueHeads?: number;
  /** hidden_size / num_attention_heads when absent. */
  readonly headDim?: number;
  /** 1e-6 when absent. */
  readonly epsilon?: number;
  /** False when absent. */
  readonly tiedHead?: boolean;
  /** RoPE's base; 10,000 when absent. */
  readonly theta?: number;
}

/** Where a family differs from Llama without biases. */
export type Differences = Partial<Traits & Pick<Sizes, 'epsilon' | 'intermediateSize' | 'tiedHead'>>;

/** One family: everything the shared decoder has to know of it. */
export interface Family {
  /** Its stem in transformers' class names: `Llama` of `LlamaForCausalLM`. */
  readonly className: string;
  readonly defaults: FamilyDefaults;
  /** What `layer_types` may say; full_attention and sliding_attention when absent. */
  readonly layerTypes?: readonly string[];
  /** @throws RangeError for keys of its own that are malformed or not implemented */
  readonly traits: (config: CommonConfig, sizes: Sizes, source: string) => Differences;
}

/** The same entry for every layer. */
export const everywhere = <T>(layers: number, value: T): T[] => new Array<T>(layers).fill(value);
