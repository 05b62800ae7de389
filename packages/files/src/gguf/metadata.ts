/** What a GGUF file says about itself: keys and typed values (ggml's docs/gguf.md, "File Structure"). */

/** Value types by their number in the file. */
export const valueTypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'bool',
  'string',
  'array',
  'uint64',
  'int64',
  'float64',
] as const;

/** A scalar's type. */
export type GgufScalarType = Exclude<(typeof valueTypes)[number], 'array'>;

/** Numbers of an array; those of 32 bits and fewer lie in a typed array when they were read. */
export type GgufNumbers = ArrayLike<number>;

/** A value and the type it has in the file, so that what was read can be written again as it was. */
export type GgufValue =
  | {
      readonly type: 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64';
      readonly value: number;
    }
  /** A bigint where a number would not be exact. */
  | { readonly type: 'uint64' | 'int64'; readonly value: number | bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | {
      readonly type: 'array';
      readonly of: 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64';
      readonly value: GgufNumbers;
    }
  | { readonly type: 'array'; readonly of: 'uint64' | 'int64'; readonly value: readonly (number | bigint)[] }
  | { readonly type: 'array'; readonly of: 'bool'; readonly value: readonly boolean[] }
  | { readonly type: 'array'; readonly of: 'string'; readonly value: readonly string[] };

/** Metadata by key, e.g. `llama.block_count`. */
export type GgufMetadata = Readonly<Record<string, GgufValue>>;

/** Bytes a scalar takes; of a string, the least. */
export const scalarBytes: Readonly<Record<GgufScalarType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  string: 8,
  uint64: 8,
  int64: 8,
  float64: 8,
};
