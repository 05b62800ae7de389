/** Qwen3's mixtures of experts (2505.09388): Qwen3, with a router and many small feed-forwards in the layers that are sparse. */
import * as z from 'zod';
import { checked, type Family } from './family.ts';
import { qwenWindows } from './qwen-windows.ts';

const size = z.int().min(1);
const count = size.max(4096);
const keys = z.looseObject({
  num_experts: count.nullish(),
  num_local_experts: count.nullish(),
  num_experts_per_tok: count.nullish(),
  moe_intermediate_size: size.nullish(),
  norm_topk_prob: z.boolean().nullish(),
  decoder_sparse_step: size.nullish(),
  mlp_only_layers: z.array(z.int().min(0)).nullish(),
});

export const qwen3Moe: Family = {
  className: 'Qwen3Moe',
  defaults: { maxPositions: 32_768, keyValueHeads: 4 },
  traits: (config, { layers }, source) => {
    const own = checked(source, keys, config);
    const experts = own.num_experts ?? own.num_local_experts ?? 128;
    const active = own.num_experts_per_tok ?? 8;
    if (active > experts)
      throw new RangeError(`${source}: num_experts_per_tok must be at most num_experts = ${experts}, got ${active}`);
    const sparse = (layer: number): boolean =>
      !own.mlp_only_layers?.includes(layer) && (layer + 1) % (own.decoder_sparse_step ?? 1) === 0;
    return {
      queryKeyNorm: 'head',
      queryKeyValueBias: config.attention_bias ?? false,
      outputBias: config.attention_bias ?? false,
      // Where windows are on, every layer has one.
      windows: qwenWindows({ ...config, layer_types: null, max_window_layers: 0 }),
      experts: {
        count: experts,
        active,
        innerSize: own.moe_intermediate_size ?? 768,
        normalized: own.norm_topk_prob ?? false,
        layers: Array.from({ length: layers }, (_, layer) => sparse(layer)),
      },
    };
  },
};
