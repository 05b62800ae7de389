/** Ministral 3: Mistral whose queries grow beyond the length it was first trained on. */
import * as z from 'zod';
import { ropeParameters } from '../config/rope-parameters.ts';
import { checked, everywhere, type Family } from './family.ts';

const growth = z.looseObject({
  llama_4_scaling_beta: z.number({ error: 'llama_4_scaling_beta is needed in rope_parameters' }).min(0),
  original_max_position_embeddings: z
    .int({ error: 'original_max_position_embeddings is needed in rope_parameters' })
    .min(1),
});

/** What transformers takes where a config says nothing. */
const assumed = {
  rope_type: 'yarn',
  rope_theta: 1_000_000,
  factor: 16,
  original_max_position_embeddings: 16_384,
  beta_fast: 32,
  beta_slow: 1,
  mscale_all_dim: 1,
  mscale: 1,
  llama_4_scaling_beta: 0.1,
};

export const ministral3: Family = {
  className: 'Ministral3',
  defaults: { maxPositions: 262_144, keyValueHeads: 8, headDim: 128, epsilon: 1e-5 },
  traits: (config, sizes, source) => {
    const given = config.rope_scaling ?? config.rope_parameters ?? assumed;
    const { llama_4_scaling_beta: beta, original_max_position_embeddings: every } = checked(source, growth, given);
    return {
      rope: ropeParameters({ ...config, rope_scaling: undefined, rope_parameters: given }, sizes, source),
      queryGrowth: { beta, every },
      windows: everywhere(sizes.layers, config.sliding_window ?? undefined),
    };
  },
};
