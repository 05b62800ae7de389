/** float32 to what ggml stores. */
import { toBfloat16, toFloat16 } from '../tensors/half-floats.ts';
import { fail } from './ggml-types.ts';

/** The types that are written. */
export type WritableGgmlType = 'F32' | 'F16' | 'BF16' | 'Q8_0';

const { abs, fround, trunc } = Math;
const block = 32;

/** To nearest, halves away from zero, as C's roundf. */
const rounded = (x: number): number => trunc(x + (x < 0 ? -0.5 : 0.5));

/** d = max|x| / 127 as float16, then x / d in 8 bits: ggml's reference, rounded where float32 arithmetic rounds. */
const q8_0 = (values: Float32Array): Uint8Array => {
  const bytes = new Uint8Array((values.length / block) * (block + 2));
  const scales = new Float32Array(values.length / block);
  for (let b = 0; b < scales.length; b++) {
    let most = 0;
    for (let i = b * block; i < (b + 1) * block; i++) most = Math.max(most, abs(values[i]));
    // A NaN has no place in a block: it would make zeros of its neighbours.
    if (!Number.isFinite(most))
      fail(`Q8_0 holds finite numbers alone, got ${most} in numbers ${b * block}..${(b + 1) * block}`);
    scales[b] = fround(most / 127);
    const inverse = scales[b] === 0 ? 0 : fround(1 / scales[b]);
    for (let i = 0; i < block; i++)
      bytes[b * (block + 2) + 2 + i] = rounded(fround(values[b * block + i] * inverse)) & 255;
  }
  toFloat16(scales).forEach((half, b) => {
    bytes[b * (block + 2)] = half & 255;
    bytes[b * (block + 2) + 1] = half >> 8;
  });
  return bytes;
};

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength).slice();

/**
 * float32 numbers to the bytes of a ggml type: F32 as they are, F16 and BF16 to nearest even, Q8_0 by ggml's reference (blocks of 32: the scale is the largest magnitude / 127).
 *
 * @param values of Q8_0, whole blocks of 32
 * @throws RangeError for Q8_0 when there are no whole blocks, or a number is not finite
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
      return values.length % block === 0
        ? q8_0(values)
        : fail(`Q8_0 holds whole blocks of ${block}, got ${values.length} numbers`);
    default:
      return fail(`type must be F32, F16, BF16 or Q8_0 to be written, got ${String(dtype)}`);
  }
};
