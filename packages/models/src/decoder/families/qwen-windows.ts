import { type CommonConfig, everywhere } from './family.ts';

/** Qwen's windows: off by default; then from layer `max_window_layers` on, or as `layer_types` says. */
export const qwenWindows = (config: CommonConfig): (number | undefined)[] => {
  const { num_hidden_layers: layers, sliding_window: window = 4096, max_window_layers: first, layer_types } = config;
  const none = everywhere<number | undefined>(layers, undefined);
  if (!config.use_sliding_window) return none;
  const slides = (layer: number): boolean =>
    layer_types?.[layer] ? layer_types[layer] === 'sliding_attention' : layer >= (first ?? 28);
  return none.map((_, layer) => (slides(layer) ? (window ?? undefined) : undefined));
};
