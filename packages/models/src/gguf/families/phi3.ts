/** Phi-3, Phi-3.5 and Phi-4. */
import { float32, type GgufFamily, headDimOf, refuseOtherHeads, uint32 } from './gguf-family.ts';

const window = 'phi3.attention.sliding_window';
const trained = 'phi3.rope.scaling.original_context_length';

/** The share of a head that is rotated, such that so many dimensions come of it again. */
const shareOf = (rotated: number, headDim: number): number => {
  const share = rotated / headDim;
  return Math.floor(headDim * share) === rotated ? share : (rotated + 0.5) / headDim;
};

export const phi3: GgufFamily = {
  family: 'phi3',
  architecture: 'phi3',
  partialRotation: true,
  longFactors: true,
  parts: { attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' },
  read: (keys) => {
    const headDim = headDimOf(keys, 'phi3');
    const rotated = keys.count('phi3.rope.dimension_count') ?? headDim;
    return {
      // 0 where there is none. llama.cpp itself takes no notice of it.
      sliding_window: keys.count(window) || null,
      ...(rotated !== headDim && { partial_rotary_factor: shareOf(rotated, headDim) }),
      original_max_position_embeddings: keys.count(trained),
    };
  },
  written: ({ rope }) => ({
    [window]: uint32(0),
    ...(rope.type === 'longrope' && {
      [trained]: uint32(rope.originalPositions),
      'phi3.rope.scaling.attn_factor': float32(rope.attentionFactor),
    }),
  }),
  refusal: refuseOtherHeads,
};
