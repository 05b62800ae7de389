/** LFM2: layers without keys are convolutions. */
import { plainDecimal } from '../metadata-keys.ts';
import { countOf, type GgufFamily, layersOf, refuseOtherHeads, uint32 } from './gguf-family.ts';

const keyValueHeads = 'lfm2.attention.head_count_kv';
const epsilon = 'lfm2.attention.layer_norm_rms_epsilon';
const kernel = 'lfm2.shortconv.l_cache';

export const lfm2: GgufFamily = {
  family: 'lfm2',
  architecture: 'lfm2',
  layerHeads: true,
  outside: { 'token_embd_norm.weight': 'model.embedding_norm.weight' },
  parts: {
    attn_norm: 'operator_norm',
    ffn_norm: 'ffn_norm',
    attn_output: 'self_attn.out_proj',
    attn_q_norm: 'self_attn.q_layernorm',
    attn_k_norm: 'self_attn.k_layernorm',
    ffn_gate: 'feed_forward.w1',
    ffn_up: 'feed_forward.w3',
    ffn_down: 'feed_forward.w2',
    'shortconv.conv': 'conv.conv',
    'shortconv.in_proj': 'conv.in_proj',
    'shortconv.out_proj': 'conv.out_proj',
  },
  read: (keys) => {
    const counts = keys.countsByLayer(keyValueHeads, layersOf(keys, 'lfm2'));
    const heads = Math.max(0, ...counts);
    if (heads === 0) keys.fail(`${keyValueHeads} must be above 0 in some layer`);
    const uneven = counts.find((count) => count !== 0 && count !== heads);
    if (uneven !== undefined) keys.fail(`${keyValueHeads} must be 0 or one number, got ${uneven} and ${heads}`);
    return {
      num_key_value_heads: heads,
      layer_types: counts.map((count) => (count > 0 ? 'full_attention' : 'conv')),
      norm_eps: plainDecimal(keys.needed(keys.number(epsilon), epsilon)),
      conv_L_cache: countOf(keys, kernel),
      conv_bias: false,
      // feed_forward_length is the width itself.
      block_auto_adjust_ff_dim: false,
    };
  },
  written: ({ convolution, keyValueHeads: heads }) => ({
    [keyValueHeads]: { type: 'array', of: 'int32', value: convolution!.layers.map((folded) => (folded ? 0 : heads)) },
    [kernel]: uint32(convolution!.kernel),
  }),
  refusal: (architecture) => {
    const { layers, bias } = architecture.convolution!;
    if (bias) return 'conv_bias must be false';
    if (layers.every(Boolean)) return 'layer_types must have full_attention in some layer';
    return refuseOtherHeads(architecture);
  },
};
