/** RoPE scaling as GGUF holds it, keys and the factors of `rope_freqs.weight`, in config.json's terms. */

import type { RopeParameters } from '../decoder/config/rope-parameters.ts';
import { inverseFrequencies } from '../decoder/rotary/rope.ts';
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

/**
 * `rope_theta` and `rope_scaling` of a config.
 *
 * @param factors the content of `rope_freqs.weight`, `[headDim / 2]`, where the file has it
 * @throws RangeError for partial rotation, or a kind of scaling that is not known here
 */
export const ropeFromGguf = (
  keys: MetadataKeys,
  family: string,
  { headDim, maxPositions, factors }: { headDim: number; maxPositions: number; factors: Float32Array | undefined },
): Record<string, unknown> => {
  const rotated = keys.count(`${family}.rope.dimension_count`) ?? headDim;
  if (rotated !== headDim)
    keys.fail(
      `${family}.rope.dimension_count must be the head's ${headDim} (only full rotation is supported), got ${rotated}`,
    );
  const theta = plainDecimal(keys.number(`${family}.rope.freq_base`) ?? 10_000);
  const scaling = (): Record<string, unknown> | undefined => {
    const type = keys.text(`${family}.rope.scaling.type`) ?? 'none';
    const given = keys.number(`${family}.rope.scaling.factor`) ?? keys.number(`${family}.rope.scale_linear`);
    const factor = given === undefined ? undefined : plainDecimal(given);
    if (factors) return fromFactors(factors, { theta, headDim, maxPositions });
    if (type === 'none' || ((factor ?? 1) === 1 && type !== 'yarn')) return undefined;
    if (type === 'linear') return { rope_type: 'linear', factor };
    if (type === 'yarn')
      return {
        rope_type: 'yarn',
        factor: keys.needed(factor, `${family}.rope.scaling.factor`),
        original_max_position_embeddings: keys.needed(
          keys.count(`${family}.rope.scaling.original_context_length`),
          `${family}.rope.scaling.original_context_length`,
        ),
        ...yarnSettings(keys, family),
      };
    return keys.fail(`${family}.rope.scaling.type must be none, linear or yarn, got '${type}'`);
  };
  const found = scaling();
  return { rope_theta: theta, ...(found && { rope_scaling: found }) };
};

const yarnSettings = (keys: MetadataKeys, family: string): Record<string, number> =>
  Object.fromEntries(
    [
      ['beta_fast', 'yarn_beta_fast'],
      ['beta_slow', 'yarn_beta_slow'],
    ].flatMap(([ours, theirs]) => {
      const value = keys.number(`${family}.rope.scaling.${theirs}`);
      return value === undefined ? [] : [[ours, plainDecimal(value)]];
    }),
  );
