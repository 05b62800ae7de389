/** Phi-3, Phi-3.5 and Phi-4 (2404.14219): q, k, v in one matrix, gate and up in one, and in Phi-4-mini three quarters of a head rotated. */
import * as z from 'zod';
import { ropeParameters } from '../config/rope-parameters.ts';
import { type CommonConfig, checked, everywhere, type Family } from './family.ts';

const factor = z.number().positive().max(1).nullish();
const keys = z.looseObject({
  partial_rotary_factor: factor,
  original_max_position_embeddings: z.int().min(1).nullish(),
  rope_parameters: z.looseObject({ partial_rotary_factor: factor }).nullish(),
  rope_scaling: z.looseObject({ partial_rotary_factor: factor }).nullish(),
});

/** Where Phi-3's first configs say `su` or `yarn`, they mean LongRoPE. */
const withLongRope = (scaling: Readonly<Record<string, unknown>>, source: string): Record<string, unknown> => {
  const { partial_rotary_factor: _, ...rest } = scaling;
  const given = rest.rope_type ?? rest.type ?? 'default';
  const type = given === 'su' || given === 'yarn' ? 'longrope' : given;
  if (type !== 'default' && type !== 'longrope')
    throw new RangeError(`${source}: rope type must be default or longrope for phi3, got '${String(type)}'`);
  return { ...rest, rope_type: type };
};

const positionsOf = (config: CommonConfig, source: string) => {
  const own = checked(source, keys, config);
  const scaling = Object.keys(own.rope_scaling ?? {}).length > 0 ? own.rope_scaling! : (own.rope_parameters ?? {});
  return {
    share: scaling.partial_rotary_factor ?? own.partial_rotary_factor ?? 1,
    rope: {
      rope_theta: config.rope_theta,
      rope_parameters: withLongRope(scaling, source),
      original_max_position_embeddings: own.original_max_position_embeddings ?? 4096,
    },
  };
};

export const phi3: Family = {
  className: 'Phi3',
  defaults: { maxPositions: 4096, epsilon: 1e-5 },
  traits: (config, { layers, headDim, maxPositions }, source) => {
    const { share, rope } = positionsOf(config, source);
    const rotaryDim = Math.floor(headDim * share);
    if (rotaryDim < 2 || rotaryDim % 2 !== 0 || headDim % 2 !== 0)
      throw new RangeError(
        `${source}: partial_rotary_factor must rotate an even number of a head's ${headDim} dimensions, got ${share}`,
      );
    const parameters = ropeParameters(rope, { maxPositions, headDim: rotaryDim }, source);
    return {
      fusedProjections: true,
      rotaryDim,
      rope: parameters,
      rereadBeyond: parameters.type === 'longrope' ? parameters.originalPositions : undefined,
      windows: everywhere(layers, config.sliding_window ?? undefined),
    };
  },
};
