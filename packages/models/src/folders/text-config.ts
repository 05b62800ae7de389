/** The language model inside a model that reads pictures too: its part of config.json. */
import type { ModelFamily } from '../decoder/config/architecture.ts';

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What transformers fills in for keys that a `text_config` leaves out, where it is not what the family takes for granted. */
const gemma3Defaults: Json = { vocab_size: 262_208, num_attention_heads: 8, num_key_value_heads: 4, head_dim: 256 };
const qwen2Defaults: Json = { num_key_value_heads: 8, rms_norm_eps: 1e-5, rope_theta: 1_000_000 };
const qwen3Defaults: Json = { num_key_value_heads: 32, max_position_embeddings: 128_000, rope_theta: 500_000 };

/** What the text part of each is, as a model of its own, and what it takes for granted. */
const textParts: Readonly<Record<string, { readonly family?: ModelFamily; readonly defaults?: Json }>> = {
  gemma3: { family: 'gemma3_text', defaults: gemma3Defaults },
  // Says itself whether it is a mistral or a ministral3.
  mistral3: {},
  qwen2_vl: { family: 'qwen2', defaults: qwen2Defaults },
  qwen2_5_vl: { family: 'qwen2', defaults: qwen2Defaults },
  qwen3_vl: { family: 'qwen3', defaults: qwen3Defaults },
};

/**
 * Rotary keys for pictures (`mrope_section`) turn some dimensions by rows and some by columns; a text's tokens have one position in all
 * three, so that they are turned as without.
 */
const plainRotary = (rotary: unknown): unknown => {
  if (!isRecord(rotary) || !('mrope_section' in rotary)) return rotary;
  const { mrope_section: _, mrope_interleaved: __, type, ...rest } = rotary;
  return { ...rest, ...(type !== undefined && { type: type === 'mrope' ? 'default' : type }) };
};

/** Keys that a whole model's config has for its text part. */
const outerKeys = ['tie_word_embeddings', 'bos_token_id', 'eos_token_id', 'pad_token_id'] as const;

/**
 * The config of a causal model: the given one, or that of the text part of a model that reads pictures too, whose other weights are then
 * left where they are.
 */
export const textConfig = (config: Json): Json => {
  const part = textParts[String(config.model_type)];
  if (!part) return config;
  const { vision_config: _, text_config: inner, ...flat } = config;
  // Older configs of Qwen2-VL hold the text's keys beside those of the pictures.
  const text: Json = isRecord(inner) ? inner : flat;
  const outer = Object.fromEntries(outerKeys.flatMap((key) => (key in config ? [[key, config[key]]] : [])));
  const own: Json = { ...part.defaults, ...text, ...outer };
  return {
    ...own,
    model_type: part.family ?? own.model_type,
    ...('rope_scaling' in own && { rope_scaling: plainRotary(own.rope_scaling) }),
    ...('rope_parameters' in own && { rope_parameters: plainRotary(own.rope_parameters) }),
  };
};
