/** Gemma 3's text models (2503.19786). */
import * as z from 'zod';
import { checked, type Family } from './family.ts';
import { layerKinds } from './layer-kinds.ts';

const positive = z.number().positive();
const keys = z.looseObject({
  hidden_activation: z.enum(['gelu_pytorch_tanh']).nullish(),
  query_pre_attn_scalar: positive.nullish(),
  final_logit_softcapping: positive.nullish(),
  attn_logit_softcapping: z.null({ error: 'capped attention scores are not implemented' }).optional(),
  use_bidirectional_attention: z.literal(false, { error: 'is not implemented' }).nullish(),
  sliding_window_pattern: z.int().min(1).nullish(),
  rope_local_base_freq: positive.nullish(),
});

export const gemma3: Family = {
  className: 'Gemma3',
  defaults: { maxPositions: 131_072, keyValueHeads: 4, headDim: 256, tiedHead: true },
  traits: (config, sizes, source) => {
    const own = checked(source, keys, config);
    const bias = config.attention_bias ?? false;
    return {
      queryKeyValueBias: bias,
      outputBias: bias,
      queryKeyNorm: 'head',
      norms: {
        beforeAttention: 'input_layernorm',
        afterAttention: 'post_attention_layernorm',
        beforeFeedForward: 'pre_feedforward_layernorm',
        afterFeedForward: 'post_feedforward_layernorm',
      },
      normOffset: 1,
      activation: 'gelu-tanh',
      embeddingScale: Math.fround(Math.sqrt(sizes.hiddenSize)),
      // Scores are divided by the root of this number in place of the head's width.
      scoreScale: Math.sqrt(sizes.headDim / (own.query_pre_attn_scalar ?? 256)),
      logitCap: own.final_logit_softcapping ?? undefined,
      ...layerKinds(config, sizes, source, own.sliding_window_pattern ?? 6, {
        full: config.rope_theta ?? 1_000_000,
        sliding: own.rope_local_base_freq ?? 10_000,
      }),
    };
  },
};
