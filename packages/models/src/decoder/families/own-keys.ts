/** Which keys that change numbers each family reads. */
import type { ModelFamily } from '../config/architecture.ts';

/** Keys that change numbers in some family, with the values that change nothing. */
export const everywhereNeutral: Readonly<Record<string, readonly unknown[]>> = {
  embedding_multiplier: [1],
  residual_multiplier: [1],
  attention_multiplier: [],
  logits_scaling: [1],
  query_pre_attn_scalar: [],
  attn_logit_softcapping: [],
  final_logit_softcapping: [],
  use_bidirectional_attention: [false],
  no_rope_layers: [[]],
  no_rope_layer_interval: [],
  num_experts: [0, 1],
  num_local_experts: [0, 1],
  moe_intermediate_size: [],
  use_qk_norm: [false],
  qk_layernorm: [false],
  clip_qkv: [],
  logit_scale: [1],
  scale_emb: [1],
  scale_depth: [1],
  dim_model_base: [],
  attention_k_eq_v: [false],
  conv_L_cache: [],
  altup_num_inputs: [],
  attention_out_bias: [false],
};

/** The keys of the list above that a family reads. */
export const ownKeys: Readonly<Partial<Record<ModelFamily, readonly string[]>>> = {
  smollm3: ['no_rope_layers', 'no_rope_layer_interval'],
  granite: ['embedding_multiplier', 'residual_multiplier', 'attention_multiplier', 'logits_scaling'],
  qwen3_moe: ['num_experts', 'num_local_experts', 'moe_intermediate_size'],
  lfm2: ['conv_L_cache'],
  seed_oss: ['attention_out_bias'],
  gemma3_text: [
    'query_pre_attn_scalar',
    'attn_logit_softcapping',
    'final_logit_softcapping',
    'use_bidirectional_attention',
  ],
};
