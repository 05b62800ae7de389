/** float32 to what ggml stores. */
import { toBfloat16, toFloat16 } from '../tensors/half-floats.ts';
import { fail } from './ggml-types.ts';

/** The types that are written. */
export type WritableGgmlType = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q4_0';

const { abs, fround } = Math;
const block = 32;

/** To nearest, halves away from zero, as C's roundf; for numbers of at most 127. */
const rounded = (x: number): number => (x < 0 ? x - 0.5 : x + 0.5) | 0;

/** The number of the largest magnitude in a block; the first that is not finite, where there is one. */
const largest = (values: Float32Array, from: number): number => {
  let most = 0;
  let signed = 0;
  for (let i = from; i < from + block; i++) {
    const magnitude = abs(values[i]!);
    if (magnitude <= most) continue;
    most = magnitude;
    signed = values[i]!;
    if (!(most < Infinity)) break;
  }
  return signed;
};

/** d = max|x| / 127 as float16, then x / d in 8 bits: ggml's reference, rounded where float32 arithmetic rounds. */
const q8_0 = (values: Float32Array): Uint8Array => {
  const bytes = new Uint8Array((values.length / block) * (block + 2));
  const scales = new Float32Array(values.length / block);
  for (let b = 0; b < scales.length; b++) {
    const most = abs(largest(values, b * block));
    // A NaN has no place in a block: it would make zeros of its neighbours.
    if (!Number.isFinite(most))
      fail(`Q8_0 holds finite numbers alone, got ${most} in numbers ${b * block}..${(b + 1) * block}`);
    scales[b] = fround(most / 127);
    const inverse = scales[b] === 0 ? 0 : fround(1 / scales[b]!);
    for (let i = 0; i < block; i++)
      bytes[b * (block + 2) + 2 + i] = rounded(fround(values[b * block + i]! * inverse)) & 255;
  }
  writeScales(bytes, scales, block + 2);
  return bytes;
};

/** x / d + 8, to nearest, 15 at most. */
const nibble = (x: number, inverse: number): number => {
  const quant = fround(fround(x * inverse) + 8.5) | 0;
  return Math.min(quant, 15);
};

/** d = m / −8 as float16, m being the number of the largest magnitude, then x / d + 8 in 4 bits: ggml's reference. */
const q4_0 = (values: Float32Array): Uint8Array => {
  const bytes = new Uint8Array((values.length / block) * (block / 2 + 2));
  const scales = new Float32Array(values.length / block);
  for (let b = 0; b < scales.length; b++) {
    const signed = largest(values, b * block);
    if (!(abs(signed) < Infinity))
      fail(`Q4_0 holds finite numbers alone, got ${signed} in numbers ${b * block}..${(b + 1) * block}`);
    scales[b] = fround(signed / -8);
    const inverse = scales[b] === 0 ? 0 : fround(1 / scales[b]!);
    for (let i = 0; i < block / 2; i++) {
      const low = nibble(values[b * block + i]!, inverse);
      const high = nibble(values[b * block + block / 2 + i]!, inverse);
      bytes[b * (block / 2 + 2) + 2 + i] = low | (high << 4);
    }
  }
  writeScales(bytes, scales, block / 2 + 2);
  return bytes;
};

/** Each block begins with its scale as float16. */
const writeScales = (bytes: Uint8Array, scales: Float32Array, blockBytes: number): void =>
  toFloat16(scales).forEach((half, b) => {
    bytes[b * blockBytes] = half & 255;
    bytes[b * blockBytes + 1] = half >> 8;
  });

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength).slice();

/**
 * float32 numbers to the bytes of a ggml type: F32 as they are, F16 and BF16 to nearest even, Q8_0 and Q4_0 by ggml's reference
 * (blocks of 32: the scale is the largest magnitude / 127, or the number of the largest magnitude / −8).
 *
 * @param values of Q8_0 and Q4_0, whole blocks of 32
 * @throws RangeError for these two when there are no whole blocks, or a number is not finite
 * @example
 * ```ts
 * import { quantize } from '@svo/files';
 * [...quantize(Float32Array.of(1), 'BF16')]; // => [0x80, 0x3f]
 * ```
 */
export const quantize = (values: Float32Array, dtype: WritableGgmlType): Uint8Array => {
  switch (dtype) {
    case 'F32':
      return bytesOf(values);
    case 'F16':
      return bytesOf(toFloat16(values));
    case 'BF16':
      return bytesOf(toBfloat16(values));
    case 'Q8_0':
    case 'Q4_0':
      if (values.length % block !== 0)
        return fail(`${dtype} holds whole blocks of ${block}, got ${values.length} numbers`);
      return dtype === 'Q8_0' ? q8_0(values) : q4_0(values);
    default:
      return fail(`type must be F32, F16, BF16, Q8_0 or Q4_0 to be written, got ${String(dtype)}`);
  }
};
