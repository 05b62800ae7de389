/** OLMo 2, and OLMo 3, which llama.cpp files under the same architecture: its files say a window. */
import type { Architecture } from '../../decoder/config/architecture.ts';
import { type MetadataKeys, plainDecimal } from '../metadata-keys.ts';
import { type ConfigKeys, type GgufFamily, layersOf, refuseOtherHeads, turnOf, uint32 } from './gguf-family.ts';

const key = (name: string): string => `olmo2.${name}`;
const window = key('attention.sliding_window');
const pattern = key('attention.sliding_window_pattern');
const localBase = key('rope.freq_base_swa');

const shared = {
  architecture: 'olmo2',
  parts: { post_attention_norm: 'post_attention_layernorm', post_ffw_norm: 'post_feedforward_layernorm' },
} as const;

const refuseShared = (architecture: Architecture): string | undefined => {
  if (architecture.queryKeyValueBias) return 'attention_bias must be false';
  if (architecture.tiedHead) return 'tie_word_embeddings must be false';
  return refuseOtherHeads(architecture);
};

export const olmo2: GgufFamily = {
  ...shared,
  family: 'olmo2',
  isHeld: (keys) => !keys.count(window),
  refusal: refuseShared,
};

/** Which layers see a window: one flag a layer, or every how many one sees everything. */
const slidingLayers = (keys: MetadataKeys, layers: number): boolean[] => {
  const flags = keys.flags(pattern);
  if (flags && flags.length !== layers)
    keys.fail(`${pattern} must have ${layers} flags, one a layer, got ${flags.length}`);
  const turn = flags ? 0 : (keys.count(pattern) ?? 4);
  return Array.from({ length: layers }, (_, layer) => flags?.[layer] ?? (turn === 0 || (layer + 1) % turn !== 0));
};

/** Rotary keys of either kind of layer: only those that see everything are stretched. */
const ropeOf = (keys: MetadataKeys, { rope_theta, rope_scaling }: ConfigKeys): ConfigKeys => {
  const local = keys.number(localBase);
  return {
    rope_theta: undefined,
    rope_scaling: undefined,
    rope_parameters: {
      full_attention: { rope_type: 'default', rope_theta, ...(rope_scaling as object | undefined) },
      sliding_attention: {
        rope_type: 'default',
        rope_theta: local === undefined ? rope_theta : plainDecimal(local),
      },
    },
  };
};

export const olmo3: GgufFamily = {
  ...shared,
  family: 'olmo3',
  windows: true,
  isHeld: (keys) => Boolean(keys.count(window)),
  read: (keys, rope) => ({
    sliding_window: keys.count(window),
    layer_types: slidingLayers(keys, layersOf(keys, 'olmo2')).map((slides) =>
      slides ? 'sliding_attention' : 'full_attention',
    ),
    ...ropeOf(keys, rope),
  }),
  written: (architecture) => {
    const { windows } = architecture;
    const length = windows.find((one) => one !== undefined);
    if (length === undefined) return {};
    const turn = turnOf(architecture);
    return {
      [window]: uint32(length),
      [pattern]:
        turn === undefined
          ? { type: 'array', of: 'bool', value: windows.map((one) => one !== undefined) }
          : uint32(turn),
    };
  },
  refusal: (architecture) => {
    const { rope, localRope, windows } = architecture;
    const slides = windows.some((one) => one !== undefined);
    if (slides && localRope!.type !== 'default')
      return `rope_parameters of sliding_attention must be default, got ${localRope!.type}`;
    if (slides && localRope!.theta !== rope.theta)
      return `rope_theta must be the same for both kinds of layers, got ${rope.theta} and ${localRope!.theta}`;
    return refuseShared(architecture);
  },
};
