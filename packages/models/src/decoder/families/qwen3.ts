/** Qwen3: each head's query and key are normed. */
import type { Family } from './family.ts';
import { qwenWindows } from './qwen-windows.ts';

export const qwen3: Family = {
  className: 'Qwen3',
  defaults: { maxPositions: 32_768, keyValueHeads: 32, headDim: 128 },
  traits: (config) => ({
    queryKeyNorm: 'head',
    queryKeyValueBias: config.attention_bias ?? false,
    outputBias: config.attention_bias ?? false,
    windows: qwenWindows(config),
  }),
};
