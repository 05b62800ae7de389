/**
 * The header of a GGUF file (ggml's docs/gguf.md; versions 2 and 3), checked against the file's real size before any memory is taken for
 * what it claims: metadata, then the table of tensors.
 */
import { type Cursor, cursorOver, ended, nextValue } from './cursor.ts';
import { fail, typesById } from './ggml-types.ts';
import type { GgufMetadata, GgufValue } from './metadata.ts';

/** One tensor as the table describes it. `start` and `end` are bytes from the beginning of the file. */
export interface GgufTensor {
  /** The name of its ggml type: `F32`, `Q4_K`, … */
  readonly dtype: string;
  /** Rows first, as everywhere else; the file lists them the other way round. */
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** A checked header: every range lies inside the file, ranges touch but for padding, names and keys are unique. */
export interface GgufHeader {
  readonly version: 2 | 3;
  readonly metadata: GgufMetadata;
  readonly tensors: Readonly<Record<string, GgufTensor>>;
}

const mostEntries = 2 ** 16;
const defaultAlignment = 32;

/**
 * Parses and checks the header of a GGUF file from its first bytes, of which there may be more than the header's.
 *
 * @param bytes the file's beginning, or all of it
 * @param fileSize bytes of the whole file
 * @returns the header, or `undefined` where `bytes` ends within it: give more
 * @throws RangeError for another format, version 1, big-endian files, arrays of arrays, text that is not UTF-8, counts the file cannot hold, keys or names that come twice,
 *   unknown tensor types, rows that are not whole blocks, ranges outside the file, overlaps and holes; the message names the key or tensor
 * @example
 * ```ts
 * import { ggufChunks, parseGgufHeader } from '@svo/files';
 * const chunks: Uint8Array[] = [];
 * const w = { name: 'w', shape: [2, 3], dtype: 'F16' as const, data: () => new Float32Array(6) };
 * for await (const chunk of ggufChunks([w], { 'general.architecture': { type: 'string', value: 'llama' } })) chunks.push(chunk);
 * const bytes = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
 * parseGgufHeader(bytes, bytes.length)?.tensors.w?.shape; // => [2, 3]
 * parseGgufHeader(bytes.subarray(0, 40), bytes.length); // => undefined
 * ```
 */
export const parseGgufHeader = (bytes: Uint8Array, fileSize: number): GgufHeader | undefined => {
  try {
    return headerAt(cursorOver(bytes, fileSize), fileSize);
  } catch (error) {
    if (error === ended) return undefined;
    throw error;
  }
};

const headerAt = (cursor: Cursor, fileSize: number): GgufHeader => {
  const version = versionAt(cursor);
  const tensorCount = cursor.count('the number of tensors', 24, mostEntries);
  const keyCount = cursor.count('the number of keys', 13, mostEntries);
  const metadata = metadataAt(cursor, keyCount);
  const alignment = alignmentIn(metadata);
  const table = Array.from({ length: tensorCount }, () => tensorAt(cursor));
  const origin = aligned(cursor.at(), alignment);
  const tensors = table.map(({ name, offset, bytes, ...rest }): [string, GgufTensor] => {
    const [start, end] = [origin + offset, origin + offset + bytes];
    if (offset % alignment !== 0)
      fail(`${shown(name)}: offset ${offset} is not a multiple of the alignment ${alignment}`);
    if (!(end <= fileSize))
      fail(`${shown(name)}: bytes ${start}..${end} lie outside a file of ${fileSize} (truncated file?)`);
    return [name, { ...rest, start, end }];
  });
  checkNames(tensors.map(([name]) => name));
  checkCoverage(tensors, origin, alignment);
  return { version, metadata, tensors: Object.fromEntries(tensors) };
};

const versionAt = ({ take, view }: Cursor): 2 | 3 => {
  const start = take(8, 'magic number and version');
  const magic = view.getUint32(start, false);
  if (magic !== 0x47475546) fail(`the file must begin with "GGUF", got bytes ${magic.toString(16).padStart(8, '0')}`);
  const version = view.getUint32(start + 4, true);
  if (version === 2 || version === 3) return version;
  const hint = (version & 0xffff) === 0 ? 'a big-endian file; convert it' : 'convert it with a recent llama.cpp';
  return fail(`version must be 2 or 3, got ${version} (${hint})`);
};

const metadataAt = (cursor: Cursor, count: number): GgufMetadata => {
  const entries = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = cursor.text('a key', 65_535);
    if (entries.has(key)) fail(`key ${shown(key)} comes twice`);
    entries.set(key, nextValue(cursor, shown(key)));
  }
  return Object.fromEntries(entries);
};

const shown = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);

const alignmentIn = (metadata: GgufMetadata): number => {
  const given = Object.hasOwn(metadata, 'general.alignment') ? metadata['general.alignment'] : undefined;
  if (!given) return defaultAlignment;
  const { type, value } = given;
  return type === 'uint32' && value >= 1 && value <= 65_536 && (value & (value - 1)) === 0
    ? value
    : fail(`general.alignment must be a uint32, a power of two up to 65536, got ${type} ${String(value).slice(0, 40)}`);
};

const tensorAt = (cursor: Cursor) => {
  const { view, take } = cursor;
  const name = cursor.text('the name of a tensor', 1_024);
  const rank = view.getUint32(take(4, `${shown(name)}: its rank`), true);
  if (rank > 4) fail(`${shown(name)}: rank must be at most 4, got ${rank}`);
  const extents = Array.from({ length: rank }, () => view.getBigUint64(take(8, `${shown(name)}: its shape`), true));
  const typeId = view.getUint32(take(4, `${shown(name)}: its type`), true);
  const offset = Number(view.getBigUint64(take(8, `${shown(name)}: its offset`), true));
  const type = typesById.get(typeId) ?? fail(`${shown(name)}: tensor type ${typeId} is unknown`);
  const count = extents.reduce((product, extent) => product * extent, 1n);
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) fail(`${shown(name)}: shape [${extents}] is too large`);
  const row = Number(extents[0] ?? 1n);
  if (row % type.block !== 0)
    fail(`${shown(name)}: a row of ${row} is not whole blocks of ${type.block} (${type.name})`);
  const shape = extents.map(Number).reverse();
  return { name, dtype: type.name, shape, offset, bytes: (Number(count) / type.block) * type.bytes };
};

/** The next multiple. */
export const aligned = (at: number, alignment: number): number => Math.ceil(at / alignment) * alignment;

const checkNames = (names: readonly string[]): void => {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) fail(`the tensor ${shown(name)} comes twice`);
    seen.add(name);
  }
};

/** Ranges must touch but for padding: an overlap would read one tensor's bytes as another's, a hole could smuggle data along. */
const checkCoverage = (tensors: readonly [string, GgufTensor][], origin: number, alignment: number): void => {
  let reached = origin;
  for (const [name, { start, end }] of tensors.toSorted(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (start < reached) fail(`${shown(name)}: its bytes overlap another tensor's`);
    if (start > reached) fail(`${shown(name)}: ${start - reached} bytes before it belong to no tensor`);
    reached = aligned(end, alignment);
  }
};
