/** SmolLM3. */
import type { GgufFamily } from './gguf-family.ts';
import { llamaBiases } from './llama.ts';

export const smollm3: GgufFamily = {
  family: 'smollm3',
  architecture: 'smollm3',
  pairedRows: true,
  biases: llamaBiases,
  // llama.cpp has it in its code: every fourth layer.
  read: () => ({ no_rope_layer_interval: 4 }),
  refusal: ({ rotations }) =>
    rotations.every((rotation, layer) => (rotation === 'none') === ((layer + 1) % 4 === 0))
      ? undefined
      : 'no_rope_layers must be every fourth',
};
