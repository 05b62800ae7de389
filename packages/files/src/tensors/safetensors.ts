/**
 * The safetensors container (huggingface/safetensors, format section of its README): 8 bytes of header length
 * (little-endian), a JSON header naming each tensor's dtype, shape and byte range, then the bytes.
 * Pure: files, mmap and HTTP ranges are the caller's. Everything a hostile file can claim is checked against the
 * file's real size before any memory is taken for it.
 */
import { assertOptions } from '../options/assert-options.ts';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half-floats.ts';
import {
  byteLength,
  bytesOf,
  fail,
  lengthBytes,
  parseSafetensorsHeader,
  safetensorsHeaderLength,
} from './safetensors-header.ts';
import type { TensorData } from './tensor-data.ts';

/** The dtypes that decode: the floats to `Float32Array`, `I32` to `Int32Array`. */
export type ReadableDtype = 'F32' | 'F16' | 'BF16' | 'I32';

/**
 * Reads a whole file's bytes into host arrays: F32, F16 and BF16 become `Float32Array`, I32 `Int32Array`.
 * @throws RangeError on anything {@link parseSafetensorsHeader} rejects, or a dtype that does not decode.
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from '@svo/files';
 * const bytes = encodeSafetensors({ w: { data: new Float32Array([1, 2]), shape: [2] } });
 * [...decodeSafetensors(bytes).tensors.w!.data]; // => [1, 2]
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array): {
  metadata: Readonly<Record<string, string>>;
  tensors: Record<string, TensorData>;
} {
  const length = safetensorsHeaderLength(bytes.subarray(0, lengthBytes), bytes.length);
  const header = parseSafetensorsHeader(bytes.subarray(lengthBytes, lengthBytes + length), bytes.length);
  const tensors = Object.entries(header.tensors).map(([name, { dtype, shape, start, end }]): [string, TensorData] => [
    name,
    { data: decodeElements(bytes.subarray(start, end), dtype, name), shape },
  ]);
  return { metadata: header.metadata, tensors: Object.fromEntries(tensors) };
}

/**
 * One tensor's bytes to numbers; the bytes are copied, never aliased. `name` only serves the error message.
 * @throws RangeError when the dtype is not F32, F16, BF16 or I32.
 * @example
 * ```ts
 * import { decodeElements } from '@svo/files';
 * [...decodeElements(new Uint8Array([0x80, 0x3f]), 'BF16')]; // => [1]
 * ```
 */
export function decodeElements(bytes: Uint8Array, dtype: string, name = 'tensor'): Float32Array | Int32Array {
  const { buffer } = Uint8Array.from(bytes);
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'I32') return new Int32Array(buffer);
  if (dtype === 'BF16') return fromBfloat16(new Uint16Array(buffer));
  if (dtype === 'F16') return fromFloat16(new Uint16Array(buffer));
  return fail(`${name}: dtype must be F32, F16, BF16 or I32 to be read, got ${dtype} (convert the file first)`);
}

/** How to store: `dtype` is what float tensors become (int32 tensors stay I32), `metadata` string to string. */
export interface SafetensorsOptions {
  readonly dtype?: 'F32' | 'F16' | 'BF16';
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The file piece by piece: first the length and header, then each tensor's bytes, so that a writer never holds a second
 * copy of the model. Tensors are ordered by element size, then name, which keeps every one aligned.
 * @throws RangeError when a shape disagrees with its data, or a name is not allowed.
 * @example
 * ```ts
 * import { safetensorsChunks } from '@svo/files';
 * [...safetensorsChunks({ w: { data: new Float32Array([1]), shape: [1] } })].length; // => 2
 * ```
 */
export function* safetensorsChunks(
  tensors: Readonly<Record<string, TensorData>>,
  options: SafetensorsOptions = {},
): Generator<Uint8Array> {
  assertOptions('safetensorsChunks', options, ['dtype', 'metadata']);
  const { dtype = 'F32', metadata } = options;
  const entries = Object.entries(tensors).map(([name, tensor]) => ({
    name,
    tensor,
    dtype: tensor.data instanceof Int32Array ? 'I32' : dtype,
  }));
  entries.sort((a, b) => bytesOf.get(b.dtype)! - bytesOf.get(a.dtype)! || (a.name < b.name ? -1 : 1));
  let offset = 0;
  const described = entries.map(({ name, tensor, dtype }) => {
    const end = offset + byteLength(name, dtype, tensor.shape);
    if (name === '__metadata__' || name === '__proto__') fail(`${name}: not allowed as a tensor name`);
    if (end - offset !== tensor.data.length * bytesOf.get(dtype)!)
      fail(`${name}: shape [${tensor.shape}] does not hold ${tensor.data.length} values`);
    const entry = { dtype, shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
    return [name, entry] as const;
  });
  yield headerBytes({ ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(described) });
  for (const { tensor, dtype } of entries) yield encodeElements(tensor.data, dtype);
}

/**
 * The whole file as one array of bytes. For large models write {@link safetensorsChunks} one by one instead.
 * @example
 * ```ts
 * import { encodeSafetensors } from '@svo/files';
 * encodeSafetensors({}).length; // => 16
 * ```
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, TensorData>>,
  options: SafetensorsOptions = {},
): Uint8Array {
  assertOptions('encodeSafetensors', options, ['dtype', 'metadata']);
  const chunks = [...safetensorsChunks(tensors, options)];
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

function encodeElements(data: Float32Array | Int32Array, dtype: string): Uint8Array {
  const stored =
    data instanceof Float32Array && dtype === 'BF16'
      ? toBfloat16(data)
      : data instanceof Float32Array && dtype === 'F16'
        ? toFloat16(data)
        : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** Padded with spaces to a multiple of 8, so that the tensors behind it are aligned. */
function headerBytes(record: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(record));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, lengthBytes);
  return bytes;
}
