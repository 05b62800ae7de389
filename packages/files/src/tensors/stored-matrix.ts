/** A matrix that stays as it is stored: its rows become float32 when they are read. */

import { readableGgmlTypes, unpackers } from '../gguf/dequantize.ts';
import { fail, typesByName } from '../gguf/ggml-types.ts';
import { halfValues } from '../gguf/half-values.ts';
import { quantize, type WritableGgmlType } from '../gguf/quantize.ts';

/**
 * A matrix `[rows, columns]` in the width it is stored in: float32, a half float, or ggml's blocks. Plain data in ordinary memory: no
 * backend holds it, and it is freed when nothing refers to it.
 */
export interface StoredMatrix {
  readonly shape: readonly [rows: number, columns: number];
  /** F32, F16, BF16 or the name of a ggml type of {@link readableGgmlTypes}. */
  readonly dtype: string;
  /** Row after row; of a row whose columns are no whole blocks the last block is filled up. */
  readonly bytes: Uint8Array;
  readonly rowBytes: number;
  /**
   * `'int8'`: where the backend has a kernel for it, products with the matrix first round the rows that they multiply, 32 numbers to one scale
   * (`int8Activations` of `@svo/kernels`). Absent: every product is that of the float32 numbers.
   */
  readonly activations?: 'int8';
  /** Writes rows from … to − 1 as float32, one after another, to the beginning of `into`. */
  readonly rows: (from: number, to: number, into: Float32Array) => void;
}

/**
 * Bytes that a row of so many numbers takes: whole blocks.
 * @throws RangeError for a type that is not read here
 * @example
 * ```ts
 * import { storedRowBytes } from '@svo/files';
 * [storedRowBytes('BF16', 100), storedRowBytes('Q8_0', 100)]; // => [200, 136]
 * ```
 */
export const storedRowBytes = (dtype: string, columns: number): number => {
  const type = typesByName.get(dtype);
  if (!type || !readableGgmlTypes.has(dtype))
    return fail(`a stored matrix must be one of ${[...readableGgmlTypes].join(', ')}, got ${dtype}`);
  return Math.ceil(columns / type.block) * type.bytes;
};

/** Rows of F32, F16 or BF16. */
const readFloats = (matrix: StoredMatrix, from: number, to: number, into: Float32Array): void => {
  const { dtype, bytes, rowBytes, shape } = matrix;
  const [start, count] = [bytes.byteOffset + from * rowBytes, (to - from) * shape[1]];
  if (dtype === 'F32') {
    into.set(new Float32Array(bytes.buffer, start, count));
    return;
  }
  const halves = new Uint16Array(bytes.buffer, start, count);
  if (dtype === 'F16') {
    const values = halfValues();
    for (let i = 0; i < count; i++) into[i] = values[halves[i]!]!;
    return;
  }
  const words = new Uint32Array(into.buffer, into.byteOffset, count);
  for (let i = 0; i < count; i++) words[i] = halves[i]! << 16;
};

/** Rows of blocks; the last one of a row may be wider than the row. */
const readBlocks = (matrix: StoredMatrix, from: number, to: number, into: Float32Array): void => {
  const { dtype, bytes, rowBytes, shape } = matrix;
  const unpack = unpackers.get(dtype)!;
  const { block, bytes: blockBytes } = typesByName.get(dtype)!;
  const columns = shape[1];
  const whole = Math.floor(columns / block);
  const last = new Float32Array(block);
  for (let row = from; row < to; row++) {
    const [at, place] = [row * rowBytes, (row - from) * columns];
    for (let b = 0; b < whole; b++) unpack(bytes, at + b * blockBytes, into, place + b * block);
    if (whole * block === columns) continue;
    unpack(bytes, at + whole * blockBytes, last, 0);
    into.set(last.subarray(0, columns - whole * block), place + whole * block);
  }
};

/**
 * A matrix over stored bytes, which are kept, not copied.
 *
 * @param bytes row after row, each of whole blocks
 * @param dtype F32, F16, BF16, or a ggml type that {@link dequantize} reads
 * @throws RangeError for another type, or bytes of another length than the shape's
 * @example
 * ```ts
 * import { storedMatrix } from '@svo/files';
 * const matrix = storedMatrix(new Uint8Array([0x80, 0x3f, 0, 0x40]), 'BF16', [2, 1]);
 * const row = new Float32Array(1);
 * matrix.rows(1, 2, row);
 * row[0]; // => 2
 * ```
 */
export const storedMatrix = (bytes: Uint8Array, dtype: string, shape: readonly [number, number]): StoredMatrix => {
  const rowBytes = storedRowBytes(dtype, shape[1]);
  if (bytes.length !== rowBytes * shape[0])
    throw new RangeError(
      `storedMatrix: bytes of [${shape}] in ${dtype} must be ${rowBytes * shape[0]}, got ${bytes.length}`,
    );
  // Typed arrays begin at whole numbers of their elements.
  const placed = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const read = unpackers.has(dtype) ? readBlocks : readFloats;
  const matrix: StoredMatrix = {
    shape,
    dtype,
    bytes: placed,
    rowBytes,
    rows(from, to, into) {
      const fits = 0 <= from && from <= to && to <= shape[0] && into.length >= (to - from) * shape[1];
      if (!fits)
        throw new RangeError(
          `storedMatrix: rows ${from} to ${to} of [${shape}] do not fit ${into.length} numbers (each row takes ${shape[1]})`,
        );
      read(matrix, from, to, into);
    },
  };
  return matrix;
};

/**
 * All the numbers that a stored matrix stands for, row after row: float32, whatever it takes stored.
 *
 * @example
 * ```ts
 * import { storedMatrix, storedNumbers } from '@svo/files';
 * [...storedNumbers(storedMatrix(new Uint8Array([0x80, 0x3f, 0, 0x40]), 'BF16', [1, 2]))]; // => [1, 2]
 * ```
 */
export const storedNumbers = (matrix: StoredMatrix): Float32Array => {
  const [rows, columns] = matrix.shape;
  const values = new Float32Array(rows * columns);
  matrix.rows(0, rows, values);
  return values;
};

/**
 * Rows of float32 to stored bytes, row by row: a row's last block is filled up with zeros where its columns are no whole blocks.
 *
 * @param values whole rows
 * @throws RangeError for a number that is not finite where the type has none, or values that are no whole rows
 * @example
 * ```ts
 * import { quantizeRows, storedMatrix } from '@svo/files';
 * const matrix = storedMatrix(quantizeRows(Float32Array.of(1, -2, 3), 3, 'Q8_0'), 'Q8_0', [1, 3]);
 * const row = new Float32Array(3);
 * matrix.rows(0, 1, row);
 * [...row.map(Math.round)]; // => [1, -2, 3]
 * ```
 */
export const quantizeRows = (values: Float32Array, columns: number, dtype: WritableGgmlType): Uint8Array => {
  const { block } = typesByName.get(dtype)!;
  const rows = values.length / columns;
  if (!Number.isInteger(rows))
    throw new RangeError(`quantizeRows: ${values.length} values are no whole rows of ${columns}`);
  if (columns % block === 0) return quantize(values, dtype);
  const padded = Math.ceil(columns / block) * block;
  const wide = new Float32Array(rows * padded);
  for (let row = 0; row < rows; row++) wide.set(values.subarray(row * columns, (row + 1) * columns), row * padded);
  return quantize(wide, dtype);
};
