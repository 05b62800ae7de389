/** Layers that see a window beside layers that see everything, each kind with rotary parameters of its own. */
import type { Sizes } from '../config/architecture.ts';
import { ropeParameters } from '../config/rope-parameters.ts';
import type { CommonConfig, Differences } from './family.ts';

type Json = Readonly<Record<string, unknown>>;

/** The rotary keys of one kind of layer as a config of its own, as transformers fills them in. */
const ofKind = (
  config: CommonConfig,
  sizes: Sizes,
  source: string,
  kind: 'full_attention' | 'sliding_attention',
  { scaling, theta }: { readonly scaling: Json; readonly theta: unknown },
) => {
  const given = (config.rope_parameters ?? {}) as Json;
  if (Object.keys(given).length > 0 && !('full_attention' in given) && !('sliding_attention' in given))
    throw new RangeError(`${source}: rope_parameters must have full_attention and sliding_attention within`);
  const { original_max_position_embeddings } = config;
  const own = { rope_theta: theta, ...((given[kind] ?? {}) as Json), ...scaling };
  return ropeParameters({ rope_parameters: own, original_max_position_embeddings }, sizes, `${source}: ${kind}`);
};

/**
 * Windows and rotations by `layer_types`, or by every so many layers that see everything.
 *
 * @param pattern every `pattern`-th layer sees everything where `layer_types` is absent
 * @param thetas RoPE's base of either kind where `rope_parameters` says none
 */
export const layerKinds = (
  config: CommonConfig,
  sizes: Sizes,
  source: string,
  pattern: number,
  thetas: { readonly full: unknown; readonly sliding: unknown },
): Pick<Differences, 'windows' | 'rotations' | 'rope' | 'localRope'> => {
  const { sliding_window: window = 4096, layer_types: types } = config;
  const slides = Array.from({ length: sizes.layers }, (_, layer) =>
    types ? types[layer] === 'sliding_attention' : (layer + 1) % pattern !== 0,
  );
  if (window === null && slides.includes(true))
    throw new RangeError(`${source}: sliding_window is needed for layers of type sliding_attention, got null`);
  const localRope = ofKind(config, sizes, source, 'sliding_attention', { scaling: {}, theta: thetas.sliding });
  if (localRope.type === 'dynamic' || localRope.type === 'longrope')
    throw new RangeError(`${source}: sliding_attention: rope type '${localRope.type}' is not supported there`);
  return {
    windows: slides.map((one) => (one ? (window ?? undefined) : undefined)),
    rotations: slides.map((one) => (one ? 'local' : 'rope')),
    rope: ofKind(config, sizes, source, 'full_attention', {
      scaling: (config.rope_scaling ?? {}) as Json,
      theta: thetas.full,
    }),
    localRope,
  };
};
