/** Reads little-endian values one after another from the beginning of a file of which only a part may be at hand. */
import { fail } from './ggml-types.ts';
import { type GgufScalarType, type GgufValue, scalarBytes, valueTypes } from './metadata.ts';

/** Thrown, and caught by the parser, when what is at hand ends within the header. */
export const ended: Error = new Error('gguf: the header goes on');

/** More than any header holds: a vocabulary of 262,144 tokens takes about 10 MB. */
const maxHeaderBytes = 2 ** 28;

/** Where reading stands. */
export interface Cursor {
  /** Moves over `bytes` and gives where they begin; `count` names what was claimed in the error. */
  readonly take: (bytes: number, what: string) => number;
  readonly view: DataView;
  readonly at: () => number;
  /** A count of things that take at least `each` bytes: one that the rest of the file could not hold is refused before memory is taken. */
  readonly count: (what: string, each: number, most?: number) => number;
  readonly text: (what: string, most?: number) => string;
}

/** A cursor over the first bytes of a file of `fileSize`. */
export const cursorOver = (bytes: Uint8Array, fileSize: number): Cursor => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // A mark at the beginning of a token is part of it.
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let reached = 0;
  const room = (needed: number, what: string): void => {
    if (needed > fileSize - reached)
      fail(`${what} at byte ${reached} does not fit a file of ${fileSize} (truncated file?)`);
    if (reached + needed > maxHeaderBytes) fail(`the header must be at most ${maxHeaderBytes} bytes (${what})`);
  };
  const take = (needed: number, what: string): number => {
    room(needed, what);
    if (reached + needed > bytes.length) throw ended;
    reached += needed;
    return reached - needed;
  };
  const count = (what: string, each: number, most = Number.MAX_SAFE_INTEGER): number => {
    const claimed = view.getBigUint64(take(8, what), true);
    if (claimed > BigInt(most)) fail(`${what} must be at most ${most}, got ${claimed}`);
    room(Number(claimed) * each, `${what} of ${claimed}`);
    return Number(claimed);
  };
  const text = (what: string, most?: number): string => {
    const length = count(`the length of ${what}`, 1, most);
    const start = take(length, what);
    try {
      return utf8.decode(bytes.subarray(start, start + length));
    } catch {
      return fail(`${what} at byte ${start} is not UTF-8`);
    }
  };
  return { take, view, at: () => reached, count, text };
};

const exact = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

const arrays = {
  uint8: [Uint8Array, 'getUint8'],
  int8: [Int8Array, 'getInt8'],
  uint16: [Uint16Array, 'getUint16'],
  int16: [Int16Array, 'getInt16'],
  uint32: [Uint32Array, 'getUint32'],
  int32: [Int32Array, 'getInt32'],
  float32: [Float32Array, 'getFloat32'],
  float64: [Float64Array, 'getFloat64'],
} as const;

const boolAt = (view: DataView, at: number, what: string): boolean => {
  const byte = view.getUint8(at);
  return byte > 1 ? fail(`${what} must be a bool, 0 or 1, got ${byte}`) : byte === 1;
};

const scalar = (cursor: Cursor, type: GgufScalarType, what: string): GgufValue => {
  const { view } = cursor;
  if (type === 'string') return { type, value: cursor.text(what) };
  const at = cursor.take(scalarBytes[type], what);
  switch (type) {
    case 'bool':
      return { type, value: boolAt(view, at, what) };
    case 'uint64':
      return { type, value: exact(view.getBigUint64(at, true)) };
    case 'int64':
      return { type, value: exact(view.getBigInt64(at, true)) };
    default:
      return { type, value: view[arrays[type][1]](at, true) };
  }
};

const array = (cursor: Cursor, what: string): GgufValue => {
  const { view } = cursor;
  const of = typeAt(cursor, what);
  if (of === 'array') return fail(`${what} is an array of arrays, which is not read`);
  const count = cursor.count(`the array ${what}`, scalarBytes[of]);
  if (of === 'string') return { type: 'array', of, value: Array.from({ length: count }, () => cursor.text(what)) };
  const start = cursor.take(count * scalarBytes[of], what);
  const at = (index: number): number => start + index * scalarBytes[of];
  switch (of) {
    case 'bool':
      return { type: 'array', of, value: Array.from({ length: count }, (_, i) => boolAt(view, at(i), what)) };
    case 'uint64':
      return {
        type: 'array',
        of,
        value: Array.from({ length: count }, (_, i) => exact(view.getBigUint64(at(i), true))),
      };
    case 'int64':
      return {
        type: 'array',
        of,
        value: Array.from({ length: count }, (_, i) => exact(view.getBigInt64(at(i), true))),
      };
    default: {
      const [Numbers, get] = arrays[of];
      const value = new Numbers(count);
      for (let i = 0; i < count; i++) value[i] = view[get](at(i), true);
      return { type: 'array', of, value };
    }
  }
};

const typeAt = (cursor: Cursor, what: string): (typeof valueTypes)[number] => {
  const id = cursor.view.getUint32(cursor.take(4, what), true);
  return valueTypes[id] ?? fail(`${what}: value type ${id} is unknown (0 to ${valueTypes.length - 1} are)`);
};

/** The value that comes next, with its type before it. */
export const nextValue = (cursor: Cursor, what: string): GgufValue => {
  const type = typeAt(cursor, what);
  return type === 'array' ? array(cursor, what) : scalar(cursor, type, what);
};
