/** Qwen2 and Qwen2.5: biases of q, k and v, always. */
import type { Family } from './family.ts';
import { qwenWindows } from './qwen-windows.ts';

export const qwen2: Family = {
  className: 'Qwen2',
  defaults: { maxPositions: 32_768, keyValueHeads: 32 },
  traits: (config) => ({ queryKeyValueBias: true, windows: qwenWindows(config) }),
};
