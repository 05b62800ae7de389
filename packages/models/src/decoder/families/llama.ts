/** Llama 1 to 3, and the many models saved under its name. */
import type { Family } from './family.ts';

export const llama: Family = {
  className: 'Llama',
  defaults: { maxPositions: 2048 },
  traits: ({ attention_bias: bias, mlp_bias: feedForwardBias }) => ({
    queryKeyValueBias: bias ?? false,
    outputBias: bias ?? false,
    feedForwardBias: feedForwardBias ?? false,
  }),
};
