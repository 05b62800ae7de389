/** Seed-OSS: heads of their own size, biases on query, key and value, and one on the output where it is asked for. */
import * as z from 'zod';
import { checked, type Family } from './family.ts';

const keys = z.looseObject({ attention_out_bias: z.boolean().nullish() });

export const seedOss: Family = {
  className: 'SeedOss',
  defaults: { maxPositions: 524_288, keyValueHeads: 8, headDim: 128 },
  traits: (config, _sizes, source) => ({
    queryKeyValueBias: config.attention_bias ?? true,
    outputBias: checked(source, keys, config).attention_out_bias ?? false,
    feedForwardBias: config.mlp_bias ?? false,
  }),
};
