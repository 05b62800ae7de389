/** ggml's blocks to float32. */
import { decodeElements } from '../tensors/safetensors.ts';
import { fail, typesByName } from './ggml-types.ts';
import { q4_0, q4_1, q5_0, q5_1, q8_0, type Unpack } from './small-blocks.ts';
import { q2_K, q3_K, q4_K, q5_K, q6_K } from './super-blocks.ts';

/** How a block of each quantised type is read. */
export const unpackers: ReadonlyMap<string, Unpack> = new Map(
  Object.entries({
    Q4_0: q4_0,
    Q4_1: q4_1,
    Q5_0: q5_0,
    Q5_1: q5_1,
    Q8_0: q8_0,
    Q2_K: q2_K,
    Q3_K: q3_K,
    Q4_K: q4_K,
    Q5_K: q5_K,
    Q6_K: q6_K,
  }),
);

/** The ggml types that become float32 here. */
export const readableGgmlTypes: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16', ...unpackers.keys()]);

/**
 * A tensor's stored bytes to float32, block by block: the numbers that ggml and gguf-py compute, to the last bit.
 *
 * @param bytes whole blocks; copied, never aliased
 * @param dtype name of the ggml type: F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, or Q2_K to Q6_K
 * @param name of the tensor, for the error message
 * @throws RangeError for another type, or bytes that are no whole blocks
 * @example
 * ```ts
 * import { dequantize, quantize } from '@svo/files';
 * const row = Float32Array.from({ length: 32 }, (_, i) => i - 16);
 * const bytes = quantize(row, 'Q8_0');
 * bytes.length; // => 34
 * Math.abs(dequantize(bytes, 'Q8_0')[0]! + 16) < 16 / 127; // => true
 * ```
 */
export const dequantize = (bytes: Uint8Array, dtype: string, name = 'tensor'): Float32Array => {
  const type = typesByName.get(dtype);
  if (!type || !readableGgmlTypes.has(dtype))
    return fail(`${name}: type must be one of ${[...readableGgmlTypes].join(', ')} to be read, got ${dtype}`);
  if (bytes.length % type.bytes !== 0)
    return fail(`${name}: ${bytes.length} bytes are not whole blocks of ${type.bytes} (${dtype})`);
  const unpack = unpackers.get(dtype);
  if (!unpack) return decodeElements(bytes, dtype, name) as Float32Array;
  const blocks = bytes.length / type.bytes;
  const values = new Float32Array(blocks * type.block);
  for (let block = 0; block < blocks; block++) unpack(bytes, block * type.bytes, values, block * type.block);
  return values;
};
