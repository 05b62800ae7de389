/** SmolLM3: every fourth layer has no rotary positions (NoPE, 2501.18795). */
import * as z from 'zod';
import { checked, type Family } from './family.ts';

const keys = z.looseObject({
  /** 1: the layer has rotary positions, 0: it has none. */
  no_rope_layers: z.array(z.union([z.literal(0), z.literal(1)])).nullish(),
  no_rope_layer_interval: z.int().min(1).nullish(),
});

export const smollm3: Family = {
  className: 'SmolLM3',
  defaults: { maxPositions: 32_768, keyValueHeads: 4, tiedHead: true, theta: 2_000_000 },
  traits: (config, { layers }, source) => {
    const { no_rope_layers: given, no_rope_layer_interval: interval } = checked(source, keys, config);
    if (given && given.length < layers)
      throw new RangeError(
        `${source}: no_rope_layers must have num_hidden_layers = ${layers} entries, got ${given.length}`,
      );
    const { use_sliding_window: sliding, sliding_window: window, layer_types: types, attention_bias: bias } = config;
    if (!sliding && types?.includes('sliding_attention'))
      throw new RangeError(`${source}: layer_types: sliding_attention needs use_sliding_window: true`);
    const layerList = [...new Array(layers).keys()];
    const turned = layerList.map((layer) => (given ? given[layer] === 1 : (layer + 1) % (interval ?? 4) !== 0));
    const slides = (layer: number): boolean => (types ? types[layer] === 'sliding_attention' : !turned[layer]);
    return {
      queryKeyValueBias: bias ?? false,
      outputBias: bias ?? false,
      feedForwardBias: config.mlp_bias ?? false,
      rotations: turned.map((one) => (one ? 'rope' : 'none')),
      windows: layerList.map((layer) => (sliding && slides(layer) ? (window ?? undefined) : undefined)),
    };
  },
};
