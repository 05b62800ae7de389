/** Stored matrices in a GPU's memory, as they are stored: copied there once, in slices of rows that fit into the device's buffers. */
import type { StoredMatrix } from '@svo/files';
import type { TensorHandle, WebgpuDevice } from '@svo/tensor';
import { type PackedType, packedTypes } from './packed-types.ts';

/** Some rows of a matrix in a buffer of their own. */
export interface PackedSlice {
  readonly words: TensorHandle;
  readonly from: number;
  readonly rows: number;
  /** The word where the blocks' scales begin. */
  readonly heads: number;
}

/** A matrix on the device. */
export interface PackedMatrix {
  readonly dtype: string;
  readonly type: PackedType;
  /** Words, or blocks, of a row. */
  readonly pitch: number;
  readonly slices: readonly PackedSlice[];
}

interface Entry {
  readonly device: WebgpuDevice;
  packed?: PackedMatrix;
}

/** By device: its matrices live as long as something refers to the stored ones. */
const entries = new WeakMap<WebgpuDevice, WeakMap<StoredMatrix, Entry>>();
const forgotten = new FinalizationRegistry<Entry>((entry) => release(entry));

/** A buffer is filled through host memory of its size, so that there are none of all of a large matrix. */
const usualBytes = 2 ** 28;

function release(entry: Entry): void {
  for (const { words } of entry.packed?.slices ?? []) entry.device.release(words);
  delete entry.packed;
}

/** Frees what the device has of a matrix. */
export function releaseMatrix(device: WebgpuDevice, matrix: StoredMatrix): void {
  const entry = entries.get(device)?.get(matrix);
  if (entry) release(entry);
}

function entryOf(device: WebgpuDevice, matrix: StoredMatrix): Entry {
  const known = entries.get(device) ?? new WeakMap<StoredMatrix, Entry>();
  entries.set(device, known);
  const found = known.get(matrix);
  if (found) return found;
  const entry: Entry = { device };
  known.set(matrix, entry);
  forgotten.register(matrix, entry);
  return entry;
}

/**
 * The matrix on the device; nothing where its type is none that shaders read, or it is empty. What is not there yet, or was lost when
 * memory ran out, is copied.
 *
 * @param most bytes of a buffer at most, if the device allows as many.
 * @throws OutOfMemoryError where a single row is longer than a buffer may be.
 */
export function packedMatrix(
  device: WebgpuDevice,
  matrix: StoredMatrix,
  most: number = usualBytes,
): PackedMatrix | undefined {
  const [rows, columns] = matrix.shape;
  const type = packedTypes[matrix.dtype];
  if (type === undefined || rows === 0 || columns === 0) return undefined;
  const entry = entryOf(device, matrix);
  if (entry.packed?.slices.every(({ words }) => device.holds(words))) return entry.packed;
  release(entry);
  entry.packed = {
    dtype: matrix.dtype,
    type,
    pitch: pitchOf(type, columns),
    slices: copied(device, matrix, type, most),
  };
  return entry.packed;
}

/** All slices, or none. */
function copied(device: WebgpuDevice, matrix: StoredMatrix, type: PackedType, most: number): PackedSlice[] {
  const [rows, columns] = matrix.shape;
  const step = rowsOfSlice(type, columns, Math.min(most, device.largestBuffer));
  const slices: PackedSlice[] = [];
  try {
    for (let from = 0; from < rows; from += step) {
      const count = Math.min(step, rows - from);
      const { words, heads } = (type.block === 1 ? plainWords : blockWords)(matrix, type, from, count);
      slices.push({ words: device.upload(words), from, rows: count, heads });
    }
    return slices;
  } catch (error) {
    for (const { words } of slices) device.release(words);
    throw error;
  }
}

/** Rows are read four numbers at a time: those of odd lengths are filled up. */
const pitchOf = ({ block, halves }: PackedType, columns: number): number =>
  block === 1 ? Math.ceil(columns / 4) * 2 * halves : Math.ceil(columns / block);

const rowsOfSlice = (type: PackedType, columns: number, bytes: number): number => {
  const ofRow = pitchOf(type, columns) * (type.block === 1 ? 4 : 2 * type.halves);
  // The last half of the scales may leave half a word.
  return Math.max(1, Math.floor((bytes - 4) / ofRow));
};

/** Numbers one after another: the stored bytes themselves where a row fills its words. */
function plainWords(matrix: StoredMatrix, type: PackedType, from: number, rows: number) {
  const { bytes, rowBytes, shape } = matrix;
  const pitch = pitchOf(type, shape[1]);
  const start = bytes.byteOffset + from * rowBytes;
  if (pitch * 4 === rowBytes) return { words: new Int32Array(bytes.buffer, start, rows * pitch), heads: 0 };
  const words = new Int32Array(rows * pitch);
  const into = new Uint8Array(words.buffer);
  for (let row = 0; row < rows; row++)
    into.set(bytes.subarray((from + row) * rowBytes, (from + row + 1) * rowBytes), row * pitch * 4);
  return { words, heads: 0 };
}

/** Blocks' numbers, then their scales: a block of 34 or 18 bytes would begin within a word. */
function blockWords(matrix: StoredMatrix, type: PackedType, from: number, rows: number) {
  const { bytes, rowBytes, shape } = matrix;
  const blocks = rows * pitchOf(type, shape[1]);
  const numbers = type.halves - type.heads;
  const heads = (blocks * numbers) / 2;
  const words = new Int32Array(heads + Math.ceil((blocks * type.heads) / 2));
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset + from * rowBytes, blocks * type.halves);
  const into = new Uint16Array(words.buffer);
  for (let block = 0, read = 0, head = heads * 2, number = 0; block < blocks; block++) {
    for (let i = 0; i < type.heads; i++) into[head++] = source[read++]!;
    for (let i = 0; i < numbers; i++) into[number++] = source[read++]!;
  }
  return { words, heads };
}
