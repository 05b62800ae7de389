/** Seed-OSS. */
import type { GgufFamily } from './gguf-family.ts';

export const seedOss: GgufFamily = {
  family: 'seed_oss',
  architecture: 'seed_oss',
  parts: { post_attention_norm: 'post_attention_layernorm' },
  biases: { attention_bias: 'blk.0.attn_q.bias' },
  refusal: ({ outputBias, feedForwardBias }) =>
    outputBias || feedForwardBias ? 'attention_out_bias and mlp_bias must be false' : undefined,
};
