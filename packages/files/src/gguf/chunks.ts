/** A GGUF file piece by piece (version 3, alignment 32). */
import { fail, typesByName } from './ggml-types.ts';
import { aligned } from './header.ts';
import { type GgufMetadata, type GgufValue, scalarBytes, valueTypes } from './metadata.ts';
import { quantize, type WritableGgmlType } from './quantize.ts';

/** A tensor to be written; its numbers are asked for when its turn comes. */
export interface GgufSource {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WritableGgmlType;
  readonly data: () => Float32Array | Promise<Float32Array>;
}

const alignment = 32;
const utf8 = new TextEncoder();

type Piece = Uint8Array;

const packed = (bytes: number, set: (view: DataView) => void): Piece => {
  const piece = new Uint8Array(bytes);
  set(new DataView(piece.buffer));
  return piece;
};

const uint32 = (value: number): Piece => packed(4, (view) => view.setUint32(0, value, true));
const uint64 = (value: number): Piece => packed(8, (view) => view.setBigUint64(0, BigInt(value), true));
const text = (value: string): Piece[] => {
  const bytes = utf8.encode(value);
  return [uint64(bytes.length), bytes];
};

const setters = {
  uint8: 'setUint8',
  int8: 'setInt8',
  uint16: 'setUint16',
  int16: 'setInt16',
  uint32: 'setUint32',
  int32: 'setInt32',
  float32: 'setFloat32',
  float64: 'setFloat64',
} as const;

const scalars = (
  type: Exclude<GgufValue['type'], 'array' | 'string'>,
  values: ArrayLike<number | bigint | boolean>,
): Piece =>
  packed(values.length * scalarBytes[type], (view) => {
    for (let i = 0; i < values.length; i++) {
      const [at, value] = [i * scalarBytes[type], values[i]!];
      if (type === 'bool') view.setUint8(at, value ? 1 : 0);
      else if (type === 'uint64') view.setBigUint64(at, BigInt(value), true);
      else if (type === 'int64') view.setBigInt64(at, BigInt(value), true);
      else view[setters[type]](at, Number(value), true);
    }
  });

const typeId = (type: GgufValue['type']): Piece => uint32(valueTypes.indexOf(type));

const valuePieces = (entry: GgufValue): Piece[] => {
  if (entry.type === 'string') return [typeId('string'), ...text(entry.value)];
  if (entry.type !== 'array') return [typeId(entry.type), scalars(entry.type, [entry.value])];
  const head = [typeId('array'), typeId(entry.of), uint64(entry.value.length)];
  return entry.of === 'string' ? [...head, ...entry.value.flatMap(text)] : [...head, scalars(entry.of, entry.value)];
};

const bytesOf = ({ name, shape, dtype }: GgufSource): number => {
  const type = typesByName.get(dtype) ?? fail(`${name}: type ${dtype} is unknown`);
  const [count, row] = [shape.reduce((product, extent) => product * extent, 1), shape.at(-1) ?? 1];
  if (shape.length > 4) fail(`${name}: rank must be at most 4, got [${shape}]`);
  if (row % type.block !== 0) fail(`${name}: a row of ${row} is not whole blocks of ${type.block} (${dtype})`);
  return (count / type.block) * type.bytes;
};

const headerPieces = (sources: readonly GgufSource[], metadata: GgufMetadata): Piece[] => {
  let offset = 0;
  const table = sources.flatMap((source) => {
    const { name, shape, dtype } = source;
    const entry = [
      ...text(name),
      uint32(shape.length),
      ...shape.toReversed().map(uint64),
      uint32(typesByName.get(dtype)!.id),
      uint64(offset),
    ];
    offset = aligned(offset + bytesOf(source), alignment);
    return entry;
  });
  const keys = Object.entries(metadata).flatMap(([key, value]) => [...text(key), ...valuePieces(value)]);
  const count = Object.keys(metadata).length;
  return [utf8.encode('GGUF'), uint32(3), uint64(sources.length), uint64(count), ...keys, ...table];
};

const joined = (pieces: readonly Piece[]): Piece => {
  const whole = new Uint8Array(
    aligned(
      pieces.reduce((sum, { length }) => sum + length, 0),
      alignment,
    ),
  );
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};

/**
 * A GGUF file piece by piece: the header, then each tensor's bytes with its padding, so that a writer holds one tensor at a time.
 *
 * @param sources tensors in the order they are to lie in the file
 * @param metadata typed values by key; `general.architecture` is what llama.cpp asks for first. `general.alignment` is not to be given: it is 32
 * @throws RangeError for rows that are not whole blocks, a name that comes twice, or numbers that do not match the shape; the message names the tensor
 * @example
 * ```ts
 * import { ggufChunks, writeWhole } from '@svo/files';
 * import { tmpdir } from 'node:os';
 * const w = { name: 'w', shape: [2, 32], dtype: 'Q8_0' as const, data: () => new Float32Array(64) };
 * const metadata = { 'general.architecture': { type: 'string' as const, value: 'llama' } };
 * await writeWhole(`${tmpdir()}/svo-example.gguf`, ggufChunks([w], metadata));
 * ```
 */
export async function* ggufChunks(sources: readonly GgufSource[], metadata: GgufMetadata): AsyncGenerator<Uint8Array> {
  if (Object.hasOwn(metadata, 'general.alignment')) fail('general.alignment is not to be given (it is 32)');
  const names = sources.map(({ name }) => name);
  if (new Set(names).size < names.length)
    fail(`names must differ, got ${names.find((name, i) => names.indexOf(name) !== i)} twice`);
  yield joined(headerPieces(sources, metadata));
  for (const source of sources) {
    const values = await source.data();
    const count = source.shape.reduce((product, extent) => product * extent, 1);
    if (values.length !== count)
      fail(`${source.name}: shape [${source.shape}] holds ${count} numbers, got ${values.length}`);
    yield joined([quantize(values, source.dtype)]);
  }
}
