/**
 * The header of a safetensors file, checked against the file's real size before any memory is taken for what it claims.
 * Format: huggingface/safetensors, "Format" in its README.
 */
import { parseStrictJson } from '../json/strict-json.ts';

/** Bytes an element, for every dtype a file may name. Only F32, F16, BF16 and I32 can be decoded. */
export const bytesOf: ReadonlyMap<string, number> = new Map(
  Object.entries({
    F64: 8,
    F32: 4,
    F16: 2,
    BF16: 2,
    F8_E4M3: 1,
    F8_E5M2: 1,
    I64: 8,
    I32: 4,
    I16: 2,
    I8: 1,
    U64: 8,
    U32: 4,
    U16: 2,
    U8: 1,
    BOOL: 1,
  }),
);

/** One tensor as the header describes it. `start` and `end` are bytes from the beginning of the file. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** A checked header: every range lies inside the file, ranges touch without holes or overlaps, names are unique. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Readonly<Record<string, StoredTensor>>;
}

/** The file begins with the header's length in this many bytes. */
export const lengthBytes = 8;
/** The format's own ceiling. */
const maxHeaderBytes = 100_000_000;

/**
 * Length in bytes of the JSON header, from the first 8 bytes of a file of `fileSize` bytes.
 * @throws RangeError when the file is too short for what it claims, or the header is over 100 MB.
 * @example
 * ```ts
 * import { safetensorsHeaderLength } from '@svo/files';
 * safetensorsHeaderLength(new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0]), 10); // => 2
 * ```
 */
export function safetensorsHeaderLength(first8: Uint8Array, fileSize: number): number {
  if (first8.length < lengthBytes)
    fail(`expected at least ${lengthBytes} bytes, got ${first8.length} (truncated file?)`);
  const view = new DataView(first8.buffer, first8.byteOffset, lengthBytes);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > maxHeaderBytes)
    fail(`header length must be at most ${maxHeaderBytes} bytes, got ${length} (not a safetensors file?)`);
  if (length < 2) fail(`header length must be at least 2 bytes, got ${length}`);
  if (lengthBytes + length > fileSize)
    fail(`header of ${length} bytes does not fit a file of ${fileSize} (truncated file?)`);
  return length;
}

/**
 * Parses and checks a header. `header` is the JSON alone (the bytes after the first 8), `fileSize` the whole file's.
 * @throws RangeError on malformed JSON, duplicate keys, unknown dtypes, a shape that disagrees with its byte range (where the dtype's size is known), ranges
 * outside the file, overlaps, holes, or bytes nobody claims; the message names the tensor.
 * @example
 * ```ts
 * import { parseSafetensorsHeader } from '@svo/files';
 * const header = new TextEncoder().encode('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
 * parseSafetensorsHeader(header, 8 + header.length + 4).tensors.w!.shape; // => [1]
 * ```
 */
export function parseSafetensorsHeader(header: Uint8Array, fileSize: number): SafetensorsHeader {
  const origin = lengthBytes + header.length;
  const record = parseHeaderJson(header);
  const metadata = checkMetadata(record.__metadata__);
  const entries = Object.entries(record)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]): [string, StoredTensor] => [name, checkEntry(name, entry, origin, fileSize)]);
  checkCoverage(entries, origin, fileSize);
  return { metadata, tensors: Object.fromEntries(entries) };
}

function parseHeaderJson(header: Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (error) {
    return fail(`header is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(parsed)) return fail('header must be a JSON object');
  return parsed;
}

function checkMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata)) return fail('__metadata__ must be an object of strings');
  for (const [key, text] of Object.entries(metadata))
    if (typeof text !== 'string') fail(`__metadata__.${key} must be a string, got ${typeof text}`);
  return metadata as Record<string, string>;
}

function checkEntry(name: string, entry: unknown, origin: number, fileSize: number): StoredTensor {
  if (!isRecord(entry)) return fail(`${name}: entry must be an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  // A dtype that came later than this code must not keep the other tensors from being read.
  if (typeof dtype !== 'string' || !/^[A-Z][A-Z0-9_]{0,31}$/.test(dtype))
    return fail(`${name}: unknown dtype ${JSON.stringify(dtype)}`);
  if (!isCounts(shape)) return fail(`${name}: shape must be a list of whole numbers ≥ 0, got ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    return fail(`${name}: data_offsets must be [start, end] with start ≤ end, got ${JSON.stringify(offsets)}`);
  const [start, end] = [origin + offsets[0]!, origin + offsets[1]!];
  if (end > fileSize)
    return fail(`${name}: bytes ${start}..${end} lie outside a file of ${fileSize} (truncated file?)`);
  const expected = bytesOf.has(dtype) ? byteLength(name, dtype, shape) : end - start;
  if (end - start !== expected)
    return fail(`${name}: ${dtype} [${shape}] takes ${expected} bytes, its range holds ${end - start}`);
  return { dtype, shape, start, end };
}

/** Sorted ranges must touch: an overlap would read one tensor's bytes as another's, a hole could smuggle data along. */
function checkCoverage(entries: readonly [string, StoredTensor][], origin: number, fileSize: number): void {
  let reached = origin;
  for (const [name, { start, end }] of entries.toSorted(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (start < reached) fail(`${name}: its bytes overlap another tensor's`);
    if (start > reached) fail(`${name}: ${start - reached} bytes before it belong to no tensor`);
    reached = end;
  }
  if (reached !== fileSize) fail(`the last ${fileSize - reached} bytes belong to no tensor`);
}

/** Bytes a tensor of this dtype and shape takes. */
export function byteLength(name: string, dtype: string, shape: readonly number[]): number {
  const bytes = shape.reduce((product, size) => product * size, bytesOf.get(dtype)!);
  return Number.isSafeInteger(bytes) ? bytes : fail(`${name}: shape [${shape}] is too large`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

/** Every complaint about a safetensors file starts the same way. */
export function fail(message: string): never {
  throw new RangeError(`safetensors: ${message}`);
}
