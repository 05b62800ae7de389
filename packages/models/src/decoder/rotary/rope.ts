/** Rotary position embeddings (2104.09864): from positions to the cos and sin tables, on the host in float32. */
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '@svo/files';
import type { RopeParameters } from '../config/rope-parameters.ts';

/** cos and sin of position·frequency, each `[length, headDim / 2]`, row-major float32. */
export interface RotaryTables {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  readonly length: number;
  readonly half: number;
}

const { fround } = Math;

/** θ^(2i/d). Rounded where torch rounds, because an error of one ulp here is a visible angle at position 4,000. */
const waveLength = (theta: number, headDim: number, i: number): number => fround(theta ** fround((2 * i) / headDim));

/** 1 / θ^(2i/d). */
const baseFrequencies = (theta: number, headDim: number): Float32Array =>
  Float32Array.from({ length: headDim / 2 }, (_, i) => 1 / waveLength(theta, headDim, i));

/** Llama 3.1: low frequencies are divided by the factor, high ones kept, those between interpolated. */
const llama3Frequencies = (
  rope: Extract<RopeParameters, { type: 'llama3' }>,
  frequencies: Float32Array,
): Float32Array => {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = rope;
  return frequencies.map((frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength > originalPositions / low) return frequency / factor;
    if (wavelength < originalPositions / high) return frequency;
    const smooth = (originalPositions / wavelength - low) / (high - low);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  });
};

/** YaRN's "NTK by parts" (2309.00071, section 3.2): a ramp between interpolated and untouched frequencies. */
const yarnFrequencies = (
  rope: Extract<RopeParameters, { type: 'yarn' }>,
  frequencies: Float32Array,
  headDim: number,
): Float32Array => {
  const dimension = (rotations: number): number =>
    (headDim * Math.log(rope.originalPositions / (rotations * 2 * Math.PI))) / (2 * Math.log(rope.theta));
  const [fast, slow] = [dimension(rope.betaFast), dimension(rope.betaSlow)];
  const low = Math.max(rope.truncate ? Math.floor(fast) : fast, 0);
  const high = Math.min(rope.truncate ? Math.ceil(slow) : slow, headDim - 1);
  const width = high === low ? 0.001 : high - low;
  return frequencies.map((frequency, i) => {
    const ramp = Math.min(Math.max((i - low) / width, 0), 1);
    return (frequency / rope.factor) * ramp + frequency * (1 - ramp);
  });
};

/** The base of NTK-aware scaling for a sequence of `length` tokens; θ itself up to the trained length. */
const dynamicTheta = (
  { theta, factor, maxPositions }: Extract<RopeParameters, { type: 'dynamic' }>,
  headDim: number,
  length: number,
): number =>
  theta * ((factor * Math.max(length, maxPositions)) / maxPositions - (factor - 1)) ** (headDim / (headDim - 2));

/** LongRoPE (2402.13753): each pair of dimensions is slowed by a factor of its own; others are taken for long sequences. */
const longFrequencies = (
  rope: Extract<RopeParameters, { type: 'longrope' }>,
  headDim: number,
  length: number,
): Float32Array => {
  const factors = length > rope.originalPositions ? rope.longFactors : rope.shortFactors;
  return Float32Array.from(factors, (factor, i) => 1 / fround(fround(factor) * waveLength(rope.theta, headDim, i)));
};

/** Rounded as torch rounds a model's buffers when the model is cast. */
const rounded = (frequencies: Float32Array, dtype: RopeParameters['roundedTo']): Float32Array => {
  if (dtype === undefined) return frequencies;
  return dtype === 'F16' ? fromFloat16(toFloat16(frequencies)) : fromBfloat16(toBfloat16(frequencies));
};

/**
 * Angle a token of position 1 is rotated by, for each pair of dimensions: `[headDim / 2]`, radians.
 *
 * @param length the sequence's length; only `dynamic` and `longrope` scaling depend on it
 * @example
 * ```ts
 * import { inverseFrequencies } from '@svo/models';
 * [...inverseFrequencies({ type: 'default', theta: 10000 }, 4, 16)]; // => [1, 0.009999999776482582]
 * ```
 */
export const inverseFrequencies = (rope: RopeParameters, headDim: number, length: number): Float32Array =>
  rounded(exactFrequencies(rope, headDim, length), rope.roundedTo);

const exactFrequencies = (rope: RopeParameters, headDim: number, length: number): Float32Array => {
  switch (rope.type) {
    case 'default':
      return baseFrequencies(rope.theta, headDim);
    case 'linear':
      return baseFrequencies(rope.theta, headDim).map((frequency) => frequency / rope.factor);
    case 'dynamic':
      return baseFrequencies(dynamicTheta(rope, headDim, length), headDim);
    case 'llama3':
      return llama3Frequencies(rope, baseFrequencies(rope.theta, headDim));
    case 'yarn':
      return yarnFrequencies(rope, baseFrequencies(rope.theta, headDim), headDim);
    case 'longrope':
      return longFrequencies(rope, headDim, length);
  }
};

/**
 * Sequences of lengths with the same number here are rotated by the same angles. Where frequencies follow a sequence's
 * length, others must not share a padded batch, or one's numbers would depend on the other.
 */
export const angleGroup = (rope: RopeParameters, length: number): number => {
  if (rope.type === 'dynamic') return length > rope.maxPositions ? length : 0;
  return rope.type === 'longrope' && length > rope.originalPositions ? 1 : 0;
};

const fillRow = (tables: RotaryTables, position: number, frequencies: Float32Array, factor: number): void => {
  for (let i = 0; i < tables.half; i++) {
    const angle = fround(position * frequencies[i]!);
    tables.cos[position * tables.half + i] = Math.cos(angle) * factor;
    tables.sin[position * tables.half + i] = Math.sin(angle) * factor;
  }
};

const emptyTables = (length: number, headDim: number): RotaryTables => ({
  cos: new Float32Array((length * headDim) / 2),
  sin: new Float32Array((length * headDim) / 2),
  length,
  half: headDim / 2,
});

const attentionFactor = (rope: RopeParameters): number => ('attentionFactor' in rope ? rope.attentionFactor : 1);

/**
 * Tables for positions 0 … length − 1 of sequences that are `length` tokens long.
 *
 * @returns cos and sin, `[length, headDim / 2]`
 * @example
 * ```ts
 * import { rotaryTables } from '@svo/models';
 * const { cos } = rotaryTables({ type: 'default', theta: 10000 }, 4, 2);
 * [...cos].map((value) => value.toFixed(4)); // => ['1.0000', '1.0000', '0.5403', '0.9999']
 * ```
 */
export const rotaryTables = (rope: RopeParameters, headDim: number, length: number): RotaryTables => {
  const tables = emptyTables(length, headDim);
  const frequencies = inverseFrequencies(rope, headDim, length);
  for (let position = 0; position < length; position++) fillRow(tables, position, frequencies, attentionFactor(rope));
  return tables;
};

/**
 * Tables for decoding one token at a time: the row of position p is that of a sequence of p + 1 tokens. It differs from
 * {@link rotaryTables} for `dynamic` and `longrope` scaling beyond the trained length alone, where keys keep the angle
 * they were written with, as in transformers.
 *
 * @example
 * ```ts
 * import { decodingTables } from '@svo/models';
 * decodingTables({ type: 'dynamic', theta: 10000, factor: 2, maxPositions: 8 }, 4, 16).length; // => 16
 * ```
 */
export const decodingTables = (rope: RopeParameters, headDim: number, capacity: number): RotaryTables => {
  if (rope.type !== 'dynamic' && rope.type !== 'longrope') return rotaryTables(rope, headDim, capacity);
  const tables = emptyTables(capacity, headDim);
  for (let position = 0; position < capacity; position++)
    fillRow(tables, position, inverseFrequencies(rope, headDim, position + 1), attentionFactor(rope));
  return tables;
};
