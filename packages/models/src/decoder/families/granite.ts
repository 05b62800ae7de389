/** Granite 3 and 4 (dense): Llama with four multipliers, as μP trains it (2203.03466). */
import * as z from 'zod';
import { checked, type Family } from './family.ts';

const multiplier = z.number().positive().nullish();
const keys = z.looseObject({
  embedding_multiplier: multiplier,
  residual_multiplier: multiplier,
  attention_multiplier: multiplier,
  logits_scaling: multiplier,
});

export const granite: Family = {
  className: 'Granite',
  defaults: { maxPositions: 2048 },
  traits: (config, { headDim }, source) => {
    const own = checked(source, keys, config);
    const bias = config.attention_bias ?? false;
    return {
      queryKeyValueBias: bias,
      outputBias: bias,
      feedForwardBias: config.mlp_bias ?? false,
      embeddingScale: own.embedding_multiplier ?? 1,
      residualScale: own.residual_multiplier ?? 1,
      // It takes the place of 1 / √headDim.
      scoreScale: (own.attention_multiplier ?? 1) * Math.sqrt(headDim),
      logitScale: 1 / (own.logits_scaling ?? 1),
    };
  },
};
