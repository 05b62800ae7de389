/** Qwen 2, 3, and 3's mixtures of experts. */
import { countOf, type GgufFamily, uint32 } from './gguf-family.ts';

export const qwen2: GgufFamily = { family: 'qwen2', architecture: 'qwen2' };

export const qwen3: GgufFamily = {
  family: 'qwen3',
  architecture: 'qwen3',
  biases: { attention_bias: 'blk.0.attn_q.bias' },
};

export const qwen3Moe: GgufFamily = {
  family: 'qwen3_moe',
  architecture: 'qwen3moe',
  parts: { ffn_gate_inp: 'mlp.gate' },
  read: (keys) => {
    const count = (name: string): number => countOf(keys, `qwen3moe.${name}`);
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
