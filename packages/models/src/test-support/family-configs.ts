/** A small config of every family, with what it differs in switched on. */
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { smallConfig } from './small-models.ts';

/** Keys besides {@link smallConfig}'s. */
const familyChanges: Readonly<Record<string, Partial<ModelConfig>>> = {
  llama: {},
  'mistral with a window': { model_type: 'mistral', sliding_window: 2 },
  qwen2: { model_type: 'qwen2' },
  qwen3: { model_type: 'qwen3', head_dim: 8 },
  'qwen3_moe, one layer of two sparse': {
    model_type: 'qwen3_moe',
    head_dim: 8,
    num_experts: 4,
    num_experts_per_tok: 3,
    moe_intermediate_size: 12,
    norm_topk_prob: true,
    mlp_only_layers: [0],
  },
  smollm3: { model_type: 'smollm3', no_rope_layers: [0, 1], tie_word_embeddings: false },
  granite: {
    model_type: 'granite',
    embedding_multiplier: 3,
    residual_multiplier: 0.4,
    attention_multiplier: 0.3,
    logits_scaling: 1.7,
  },
  'seed_oss with a bias on the output': { model_type: 'seed_oss', head_dim: 8, attention_out_bias: true },
  olmo2: { model_type: 'olmo2' },
  olmo3: { model_type: 'olmo3', sliding_window: 3, layer_types: ['sliding_attention', 'full_attention'] },
  'phi3 with a part rotated': { model_type: 'phi3', hidden_size: 32, partial_rotary_factor: 0.75 },
  gemma3: {
    model_type: 'gemma3_text',
    head_dim: 8,
    sliding_window: 3,
    sliding_window_pattern: 2,
    query_pre_attn_scalar: 20,
    final_logit_softcapping: 3,
  },
  lfm2: {
    model_type: 'lfm2',
    layer_types: ['conv', 'full_attention'],
    conv_bias: true,
    block_auto_adjust_ff_dim: false,
    tie_word_embeddings: false,
  },
  ministral3: {
    model_type: 'ministral3',
    head_dim: 8,
    rope_parameters: {
      rope_type: 'yarn',
      rope_theta: 10000,
      factor: 4,
      original_max_position_embeddings: 3,
      mscale: 1,
      mscale_all_dim: 1,
      llama_4_scaling_beta: 0.4,
    },
  },
};

/** Whole configs by name. */
export const familyConfigs: readonly (readonly [name: string, config: ModelConfig])[] = Object.entries(
  familyChanges,
).map(([name, change]) => [name, { ...smallConfig, ...change }]);
