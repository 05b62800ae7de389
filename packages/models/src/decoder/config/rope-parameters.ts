/** The rotary keys of a config.json, older (`rope_theta`, `rope_scaling`) and newer (`rope_parameters`), as one union. */
import * as z from 'zod';

/** How positions become angles. `theta` is the base wavelength; the rest says how the context was stretched. */
export type RopeParameters = RopeScaling & {
  /** Frequencies are rounded to this dtype, as those of a model that was cast as a whole; float32 when absent. */
  readonly roundedTo?: 'F16' | 'BF16';
};

/** How a model's rotation frequencies are scaled, and by what. */
export type RopeScaling =
  | { readonly type: 'default'; readonly theta: number }
  | { readonly type: 'linear'; readonly theta: number; readonly factor: number }
  | { readonly type: 'dynamic'; readonly theta: number; readonly factor: number; readonly maxPositions: number }
  | {
      readonly type: 'llama3';
      readonly theta: number;
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly type: 'yarn';
      readonly theta: number;
      readonly factor: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly originalPositions: number;
      /** Multiplies cos and sin. */
      readonly attentionFactor: number;
      readonly truncate: boolean;
    }
  | {
      readonly type: 'longrope';
      readonly theta: number;
      /** What each pair of dimensions is slowed by: sequences within `originalPositions`, and longer ones. `[headDim / 2]`. */
      readonly shortFactors: readonly number[];
      readonly longFactors: readonly number[];
      readonly originalPositions: number;
      /** Multiplies cos and sin. */
      readonly attentionFactor: number;
    };

const positive = z.number().positive();
const partial = z.literal(1, { error: 'only full rotation (1) is supported' }).nullish();

const schema = z.looseObject({
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
  rope_theta: positive.nullish(),
  factor: positive.nullish(),
  original_max_position_embeddings: positive.nullish(),
  low_freq_factor: positive.nullish(),
  high_freq_factor: positive.nullish(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  mscale: z.number().nullish(),
  mscale_all_dim: z.number().nullish(),
  attention_factor: positive.nullish(),
  truncate: z.boolean().nullish(),
  short_factor: z.array(positive).nullish(),
  long_factor: z.array(positive).nullish(),
  partial_rotary_factor: partial,
  full_attention: z.undefined({ error: 'rotary parameters by layer type are not supported' }).optional(),
  sliding_attention: z.undefined({ error: 'rotary parameters by layer type are not supported' }).optional(),
});

type Scaling = z.infer<typeof schema>;

/** YaRN's attention temperature, 0.1·m·ln s + 1 (2309.00071, eq. 22); 1 for a multiplier m of 0. */
export const yarnTemperature = (factor: number, multiplier: number): number =>
  factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1;

/** The same as transformers infers it. */
const yarnAttentionFactor = ({ attention_factor, mscale, mscale_all_dim }: Scaling, factor: number): number => {
  if (attention_factor) return attention_factor;
  const [own, over] = mscale && mscale_all_dim ? [mscale, mscale_all_dim] : [1, 0];
  return yarnTemperature(factor, own) / yarnTemperature(factor, over);
};

/** LongRoPE's attention temperature, √(1 + ln s / ln L) (2402.13753, section 3.3), as transformers infers it. */
const longAttentionFactor = (scaling: Scaling, factor: number, originalPositions: number): number =>
  scaling.attention_factor ?? (factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions)));

/**
 * The rotary parameters of a config.
 *
 * @param config a parsed config.json; of it only `rope_parameters`, `rope_scaling`, `rope_theta`, `partial_rotary_factor`
 *   and `original_max_position_embeddings` are read
 * @param sizes `maxPositions`: `max_position_embeddings`; `headDim`
 * @param source the name used in error messages
 * @param defaultTheta θ where the config says none
 * @throws RangeError for an unknown type or a missing or malformed number
 */
export const ropeParameters = (
  config: Readonly<Record<string, unknown>>,
  { maxPositions, headDim }: { readonly maxPositions: number; readonly headDim: number },
  source: string,
  defaultTheta = 10_000,
): RopeParameters => {
  const fail = (message: string): never => {
    throw new RangeError(`${source}: ${message}`);
  };
  // An empty rope_scaling says nothing, as in Python.
  const key = Object.keys(config.rope_scaling ?? {}).length > 0 ? 'rope_scaling' : 'rope_parameters';
  if (!partial.safeParse(config.partial_rotary_factor).success)
    return fail(
      `partial_rotary_factor must be 1 (only full rotation is supported), got ${config.partial_rotary_factor}`,
    );
  const result = schema.safeParse(config[key] ?? {});
  if (!result.success)
    return fail(result.error.issues.map((issue) => `${[key, ...issue.path].join('.')}: ${issue.message}`).join('; '));
  const scaling = result.data;
  const given = scaling.rope_theta ?? config.rope_theta ?? defaultTheta;
  const theta = typeof given === 'number' && given > 1 ? given : fail(`rope_theta must be > 1, got ${String(given)}`);
  const type = scaling.rope_type ?? scaling.type ?? 'default';
  const need = (name: 'factor' | 'low_freq_factor' | 'high_freq_factor'): number =>
    scaling[name] ?? fail(`${key}.${name} is needed for rope type '${type}'`);
  const factors = (name: 'short_factor' | 'long_factor'): readonly number[] => {
    const given = scaling[name] ?? fail(`${key}.${name} is needed for rope type '${type}'`);
    return given.length === headDim / 2
      ? given
      : fail(`${key}.${name} must have head_dim / 2 = ${headDim / 2} numbers, got ${given.length}`);
  };
  // Beside the other keys it comes before the one within, as in transformers.
  const topLevel = config.original_max_position_embeddings;
  const originalPositions =
    typeof topLevel === 'number' ? topLevel : (scaling.original_max_position_embeddings ?? maxPositions);
  switch (type) {
    case 'default':
      return { type, theta };
    case 'linear':
      return { type, theta, factor: need('factor') };
    case 'dynamic':
      return { type, theta, factor: need('factor'), maxPositions };
    case 'llama3':
      return {
        type,
        theta,
        factor: need('factor'),
        lowFrequencyFactor: need('low_freq_factor'),
        highFrequencyFactor: need('high_freq_factor'),
        originalPositions,
      };
    case 'yarn': {
      const factor = scaling.factor ?? maxPositions / originalPositions;
      return {
        type,
        theta,
        factor,
        betaFast: scaling.beta_fast ?? 32,
        betaSlow: scaling.beta_slow ?? 1,
        originalPositions,
        attentionFactor: yarnAttentionFactor(scaling, factor),
        truncate: scaling.truncate ?? true,
      };
    }
    case 'longrope': {
      const factor = scaling.factor ?? maxPositions / originalPositions;
      return {
        type,
        theta,
        shortFactors: factors('short_factor'),
        longFactors: factors('long_factor'),
        originalPositions,
        attentionFactor: longAttentionFactor(scaling, factor, originalPositions),
      };
    }
    default:
      return fail(`rope type '${type}' is not supported; expected default, linear, dynamic, llama3, yarn or longrope`);
  }
};
