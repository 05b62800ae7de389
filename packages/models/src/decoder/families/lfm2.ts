/** LFM2 (2511.23404): short convolutions in most layers, attention in some. */
import * as z from 'zod';
import { checked, type Family } from './family.ts';

const size = z.int().min(1);
const keys = z.looseObject({
  norm_eps: z.number().positive().nullish(),
  conv_bias: z.boolean().nullish(),
  conv_L_cache: size.min(2).max(64).nullish(),
  block_ff_dim: size.nullish(),
  block_auto_adjust_ff_dim: z.boolean().nullish(),
  block_ffn_dim_multiplier: z.number().positive().nullish(),
  block_multiple_of: size.nullish(),
  full_attn_idxs: z.array(z.int().min(0)).nullish(),
  tie_embedding: z.boolean().nullish(),
});

/** The feed-forward's width: two thirds of the config's, rounded up to a multiple, as SwiGLU's is chosen. */
const innerSize = (own: z.infer<typeof keys>, given: number): number => {
  if (own.block_auto_adjust_ff_dim === false) return given;
  const { block_multiple_of: multiple, block_ffn_dim_multiplier: factor } = own;
  const width = Math.floor((2 * given) / 3);
  if (factor === null) return width;
  const step = multiple ?? 256;
  return step * Math.ceil(Math.floor((factor ?? 1) * width) / step);
};

export const lfm2: Family = {
  className: 'Lfm2',
  defaults: { maxPositions: 128_000, keyValueHeads: 8, tiedHead: true, theta: 1_000_000 },
  layerTypes: ['full_attention', 'conv'],
  traits: (config, { layers, intermediateSize }, source) => {
    const own = checked(source, keys, config);
    const types = config.layer_types;
    const attends = (layer: number): boolean =>
      types ? types[layer] === 'full_attention' : (own.full_attn_idxs?.includes(layer) ?? true);
    return {
      epsilon: own.norm_eps ?? 1e-5,
      tiedHead: own.tie_embedding ?? config.tie_word_embeddings ?? true,
      intermediateSize: innerSize(own, own.block_ff_dim ?? intermediateSize),
      queryKeyNorm: 'head',
      norms: { beforeAttention: 'operator_norm', beforeFeedForward: 'ffn_norm' },
      names: {
        attention: 'self_attn',
        output: 'out_proj',
        queryNorm: 'q_layernorm',
        keyNorm: 'k_layernorm',
        feedForward: 'feed_forward',
        gate: 'w1',
        up: 'w3',
        down: 'w2',
        finalNorm: 'embedding_norm',
      },
      convolution: {
        kernel: own.conv_L_cache ?? 3,
        bias: own.conv_bias ?? false,
        layers: Array.from({ length: layers }, (_, layer) => !attends(layer)),
      },
    };
  },
};
