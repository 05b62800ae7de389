/** Ministral 3, and the Mistrals of before that llama.cpp files under the same architecture. */
import { plainDecimal } from '../metadata-keys.ts';
import { countOf, float32, type GgufFamily, uint32 } from './gguf-family.ts';

const temperature = 'mistral3.attention.temperature_scale';
const trained = 'mistral3.rope.scaling.original_context_length';

export const ministral3: GgufFamily = {
  family: 'ministral3',
  architecture: 'mistral3',
  isHeld: (keys) => keys.has(temperature),
  pairedRows: true,
  yarnMultiplier: 1,
  read: (keys, { rope_theta, rope_scaling }) => ({
    rope_theta: undefined,
    rope_scaling: undefined,
    rope_parameters: {
      rope_type: 'default',
      rope_theta,
      ...(rope_scaling as object | undefined),
      llama_4_scaling_beta: plainDecimal(keys.needed(keys.number(temperature), temperature)),
      // Queries grow every so many positions, and llama.cpp has no other key for it.
      original_max_position_embeddings: keys.count(trained) ?? countOf(keys, 'mistral3.context_length'),
    },
  }),
  written: ({ queryGrowth }) => ({
    [temperature]: float32(queryGrowth!.beta),
    [trained]: uint32(queryGrowth!.every),
  }),
  refusal: ({ rope, queryGrowth }) => {
    if (rope.type === 'yarn' && rope.originalPositions !== queryGrowth!.every)
      return `original_max_position_embeddings must be one number, got ${rope.originalPositions} and ${queryGrowth!.every}`;
    return rope.type === 'yarn' || rope.type === 'default'
      ? undefined
      : `rope_type must be yarn or default, got ${rope.type}`;
  },
};

/** Mistral Small 3: no window, and queries that do not grow. It is written as a Llama. */
export const mistralInMistral3: GgufFamily = {
  family: 'mistral',
  architecture: 'mistral3',
  isHeld: (keys) => !keys.has(temperature),
  pairedRows: true,
  read: () => ({ sliding_window: null }),
};
