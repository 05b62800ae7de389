/** Gemma 3's text models. */
import { plainDecimal } from '../metadata-keys.ts';
import { countOf, float32, type GgufFamily, headDimOf, turnOf, uint32 } from './gguf-family.ts';

export const gemma3: GgufFamily = {
  family: 'gemma3_text',
  architecture: 'gemma3',
  normOffset: 1,
  windows: true,
  parts: {
    post_attention_norm: 'post_attention_layernorm',
    ffn_norm: 'pre_feedforward_layernorm',
    post_ffw_norm: 'post_feedforward_layernorm',
  },
  read: (keys) => {
    const heads = countOf(keys, 'gemma3.attention.head_count');
    const hidden = countOf(keys, 'gemma3.embedding_length');
    const cap = keys.number('gemma3.final_logit_softcapping');
    return {
      hidden_act: undefined,
      // llama.cpp knows the 27 B model by its layers.
      query_pre_attn_scalar: keys.count('gemma3.block_count') === 62 ? hidden / heads : headDimOf(keys, 'gemma3'),
      sliding_window: keys.count('gemma3.attention.sliding_window') ?? null,
      sliding_window_pattern: keys.count('gemma3.attention.sliding_window')
        ? (keys.count('gemma3.attention.sliding_window_pattern') ?? 6)
        : 1,
      rope_local_base_freq: plainDecimal(keys.number('gemma3.rope.freq_base_swa') ?? 10_000),
      ...(cap && { final_logit_softcapping: plainDecimal(cap) }),
    };
  },
  written: (architecture) => {
    const { windows, localRope, logitCap } = architecture;
    const window = windows.find((one) => one !== undefined);
    return {
      ...(window !== undefined && {
        'gemma3.attention.sliding_window': uint32(window),
        'gemma3.attention.sliding_window_pattern': uint32(turnOf(architecture)!),
        'gemma3.rope.freq_base_swa': float32(localRope!.theta),
      }),
      ...(logitCap !== undefined && { 'gemma3.final_logit_softcapping': float32(logitCap) }),
    };
  },
  refusal: (architecture) => {
    const { headDim, hiddenSize, heads, layers, scoreScale, localRope, queryKeyValueBias, tiedHead } = architecture;
    const scalar = layers === 62 ? hiddenSize / heads : headDim;
    if (Math.abs(scoreScale - Math.sqrt(headDim / scalar)) > 1e-6) return `query_pre_attn_scalar must be ${scalar}`;
    if (turnOf(architecture) === undefined) return 'layer_types must have full_attention in turns of one length';
    if (localRope!.type !== 'default')
      return `rope_parameters of sliding_attention must be default, got ${localRope!.type}`;
    if (!tiedHead) return 'tie_word_embeddings must be true';
    return queryKeyValueBias ? 'attention_bias must be false' : undefined;
  },
};
