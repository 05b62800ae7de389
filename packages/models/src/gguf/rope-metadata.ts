/** RoPE scaling as GGUF holds it, keys and the factors of `rope_freqs.weight`, in config.json's terms. */

import { type RopeParameters, yarnTemperature } from '../decoder/config/rope-parameters.ts';
import { inverseFrequencies } from '../decoder/rotary/rope.ts';
import type { GgufFamily } from './families/gguf-family.ts';
import { type MetadataKeys, plainDecimal } from './metadata-keys.ts';

/** What each frequency of a Llama 3 is divided by. llama.cpp's converter stores these as `rope_freqs.weight`. */
export const frequencyFactors = (rope: RopeParameters, headDim: number): Float32Array => {
  const [base, scaled] = [{ type: 'default', theta: rope.theta } as const, rope].map(
    (one) => inverseFrequencies(one, headDim, 1) as Float32Array,
  );
  return base!.map((frequency, i) => frequency / scaled![i]!);
};

/** The settings of the Llama 3.1, 3.2 and 3.3 models; the factors of a file tell which, to float32's precision. */
const llama3Settings = [8, 32, 16].map((factor) => ({
  rope_type: 'llama3',
  factor,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
}));

const fromFactors = (
  factors: Float32Array,
  { theta, headDim, maxPositions }: { readonly theta: number; readonly headDim: number; readonly maxPositions: number },
): Record<string, unknown> | undefined => {
  if (factors.every((factor) => factor === 1)) return undefined;
  const known = llama3Settings.find((settings) => {
    const rope: RopeParameters = {
      type: 'llama3',
      theta,
      factor: settings.factor,
      lowFrequencyFactor: settings.low_freq_factor,
      highFrequencyFactor: settings.high_freq_factor,
      originalPositions: settings.original_max_position_embeddings,
    };
    return frequencyFactors(rope, headDim).every((factor, i) => Math.abs(factor / factors[i]! - 1) < 1e-5);
  });
  // Other factors are LongRoPE's with one list for every length.
  const list = [...factors];
  return (
    known ?? {
      rope_type: 'longrope',
      short_factor: list,
      long_factor: list,
      original_max_position_embeddings: maxPositions,
      attention_factor: 1,
    }
  );
};

/** Factors of the frequencies, as the tensors of a file hold them; `[rotated dimensions / 2]` each. */
export interface RopeFactors {
  /** For every length. */
  readonly every?: Float32Array;
  /** LongRoPE's, for texts within the trained length and for longer ones. */
  readonly short?: Float32Array;
  readonly long?: Float32Array;
}

/** The names of {@link RopeFactors}' tensors. */
export const factorTensors: Readonly<Record<keyof RopeFactors, string>> = {
  every: 'rope_freqs.weight',
  short: 'rope_factors_short.weight',
  long: 'rope_factors_long.weight',
};

/** Dimensions of a head that are rotated. */
export const rotatedIn = (keys: MetadataKeys, family: string, headDim: number): number =>
  keys.count(`${family}.rope.dimension_count`) ?? headDim;

/**
 * `rope_theta` and `rope_scaling` of a config.
 *
 * @param factors the content of the tensors {@link factorTensors} names, where the file has them
 * @throws RangeError for partial rotation, or a kind of scaling that is not known here
 */
export const ropeFromGguf = (
  keys: MetadataKeys,
  { architecture: family, partialRotation, longFactors }: GgufFamily,
  { headDim, maxPositions, factors }: { headDim: number; maxPositions: number; factors: RopeFactors },
): Record<string, unknown> => {
  const rotated = rotatedIn(keys, family, headDim);
  if (rotated !== headDim && !partialRotation)
    keys.fail(
      `${family}.rope.dimension_count must be the head's ${headDim} (only full rotation is supported), got ${rotated}`,
    );
  const theta = plainDecimal(keys.number(`${family}.rope.freq_base`) ?? 10_000);
  const key = (name: string): string => `${family}.rope.scaling.${name}`;
  const decimal = (name: string): number | undefined => {
    const value = keys.number(name);
    return value === undefined ? undefined : plainDecimal(value);
  };
  /** What cos and sin are multiplied by, besides what a kind of scaling does by itself. */
  const attention = decimal(key('attn_factor')) ?? 1;
  const scaling = (): Record<string, unknown> | undefined => {
    const type = keys.text(key('type')) ?? 'none';
    const factor = decimal(key('factor')) ?? decimal(`${family}.rope.scale_linear`);
    if (factors.short && factors.long) {
      if (!longFactors) keys.fail(`${factorTensors.long} is not read for ${family}`);
      return longRope(factors.short, factors.long, attention);
    }
    if (type === 'yarn')
      return {
        rope_type: 'yarn',
        factor: keys.needed(factor, key('factor')),
        original_max_position_embeddings: keys.needed(
          keys.count(key('original_context_length')),
          key('original_context_length'),
        ),
        ...yarnSettings(keys, family, attention, factor ?? 1),
      };
    if (attention !== 1) keys.fail(`${key('attn_factor')} must be 1 without yarn or long factors, got ${attention}`);
    if (factors.every) return fromFactors(factors.every, { theta, headDim, maxPositions });
    if (type === 'none' || (factor ?? 1) === 1) return undefined;
    if (type === 'linear') return { rope_type: 'linear', factor };
    return keys.fail(`${key('type')} must be none, linear or yarn, got '${type}'`);
  };
  const found = scaling();
  return { rope_theta: theta, ...(found && { rope_scaling: found }) };
};

const longRope = (short: Float32Array, long: Float32Array, attention: number): Record<string, unknown> => ({
  rope_type: 'longrope',
  short_factor: [...short],
  long_factor: [...long],
  attention_factor: attention,
});

/**
 * YaRN's settings that are not the usual ones. What scales attention is said as a share of the usual 0.1·ln s + 1, or, where the file has a multiplier m, of
 * that divided by 0.1·m·ln s + 1.
 */
const yarnSettings = (
  keys: MetadataKeys,
  family: string,
  attention: number,
  factor: number,
): Record<string, number> => {
  const key = (name: string): string => `${family}.rope.scaling.${name}`;
  const betas = [
    ['beta_fast', 'yarn_beta_fast'],
    ['beta_slow', 'yarn_beta_slow'],
  ].flatMap(([ours, theirs]) => {
    const value = keys.number(key(theirs!));
    return value === undefined ? [] : [[ours, plainDecimal(value)]];
  });
  const multiplier = plainDecimal(keys.number(key('yarn_log_multiplier')) ?? 0);
  const shares = multiplier !== 0 ? { mscale: 1, mscale_all_dim: multiplier } : {};
  return {
    ...Object.fromEntries(betas),
    ...(attention === 1 ? shares : { attention_factor: attention * usualAttention(factor, multiplier) }),
  };
};

/** What llama.cpp scales YaRN's attention by where a file says nothing else. */
export const usualAttention = (factor: number, multiplier = 0): number =>
  yarnTemperature(factor, 1) / yarnTemperature(factor, multiplier);
