/** OLMo 2 (2501.00656): norms behind attention and feed-forward instead of before them, and over all queries and all keys at once. */
import type { CommonConfig, Differences, Family } from './family.ts';

/** What OLMo 2 and OLMo 3 share. */
export const olmoTraits = ({ attention_bias: bias }: CommonConfig): Differences => ({
  queryKeyValueBias: bias ?? false,
  outputBias: bias ?? false,
  queryKeyNorm: 'all',
  norms: { afterAttention: 'post_attention_layernorm', afterFeedForward: 'post_feedforward_layernorm' },
});

export const olmo2: Family = {
  className: 'Olmo2',
  defaults: { maxPositions: 2048, epsilon: 1e-5 },
  traits: olmoTraits,
};
