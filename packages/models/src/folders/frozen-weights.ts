/** A model's matrices kept as they are stored, or in 8 or 4 bits, outside the backend's heap. Read piece by piece. */
import type { FileHandle } from 'node:fs/promises';
import { quantizeRows, type StoredMatrix, storedMatrix, storedRowBytes } from '@svo/files';
import { holdStored } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture } from '../decoder/config/architecture.ts';
import type { FrozenMatrices } from '../decoder/decoder-record.ts';
import { parameterShapes } from '../decoder/parameters.ts';
import { reordered } from '../gguf/tensor-names.ts';
import { readBytes, readInto } from './files.ts';
import { type LocatedTensor, readWeights, withFiles } from './stored-weights.ts';

/**
 * How a model's matrices are held. `'float32'`: as tensors of the backend, which can be trained. The others are frozen, in ordinary
 * memory, and on WebGPU in buffers of the same width too: `'stored'` as the file has them; `'int8'` in 8.5 bits a weight (ggml's Q8_0); `'int4'` in 4.5 (Q4_0),
 * embedding and head in 8.5. A matrix that the file has in fewer bits than asked for stays as it is.
 */
export type WeightWidth = 'float32' | 'stored' | 'int8' | 'int4';

const widths: readonly WeightWidth[] = ['float32', 'stored', 'int8', 'int4'];

/** Throws a RangeError for a `weights` that is none. */
export const checkWidth = (source: string, weights: WeightWidth): void => {
  if (!widths.includes(weights))
    throw new RangeError(
      `${source}: weights must be 'float32', 'stored', 'int8' or 'int4', got ${JSON.stringify(weights)}`,
    );
};

/** Float32 numbers that are read and quantised at a time: 16 MiB. */
const pieceNumbers = 1 << 22;

/** What a matrix is held in: what was asked for, unless the file's own takes no more. */
export const heldDtype = (name: string, stored: string, weights: WeightWidth): string => {
  // Which experts a token visits must not hang on a rounding.
  if (name.endsWith('.mlp.gate.weight')) return stored;
  const ofVocabulary = name === 'model.embed_tokens.weight' || name === 'lm_head.weight';
  const wanted = weights === 'stored' ? stored : weights === 'int4' && !ofVocabulary ? 'Q4_0' : 'Q8_0';
  return storedRowBytes(wanted, 256) < storedRowBytes(stored, 256) ? wanted : stored;
};

/** Some rows of a tensor's bytes: into a buffer that the next call may write over. */
type ReadRows = (from: number, to: number) => Promise<Uint8Array>;

const rowReader = async (file: FileHandle, tensor: LocatedTensor, rowBytes: number): Promise<ReadRows> => {
  const { path, start, end, shape, pairedHeads: heads } = tensor;
  if (heads !== undefined) {
    // The rows of a head trade places, so that all of them are needed.
    const bytes = reordered(await readBytes(file, start, end, path), { rows: shape[0]!, heads }, 'halves');
    return async (from, to) => bytes.subarray(from * rowBytes, to * rowBytes);
  }
  let buffer = new Uint8Array(0);
  return async (from, to) => {
    if (buffer.length < (to - from) * rowBytes) buffer = new Uint8Array((to - from) * rowBytes);
    const bytes = buffer.subarray(0, (to - from) * rowBytes);
    await readInto(file, bytes, start + from * rowBytes, path);
    return bytes;
  };
};

/** A tensor's matrix as it is held. */
const readMatrix = async (
  file: FileHandle,
  tensor: LocatedTensor,
  name: string,
  weights: WeightWidth,
): Promise<StoredMatrix> => {
  const shape = tensor.shape as readonly [number, number];
  const [rows, columns] = shape;
  const held = heldDtype(name, tensor.dtype, weights);
  const rowBytes = storedRowBytes(tensor.dtype, columns);
  const read = await rowReader(file, tensor, rowBytes);
  if (held === tensor.dtype)
    // All rows at once: the reader's buffer is the matrix.
    return storedMatrix(await read(0, rows), held, shape);
  const heldBytes = storedRowBytes(held, columns);
  const bytes = new Uint8Array(heldBytes * rows);
  const step = Math.max(1, Math.floor(pieceNumbers / columns));
  const numbers = new Float32Array(Math.min(step, rows) * columns);
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    const piece = numbers.subarray(0, (to - from) * columns);
    storedMatrix(await read(from, to), tensor.dtype, [to - from, columns]).rows(0, to - from, piece);
    bytes.set(quantized(piece, columns, held as 'Q8_0' | 'Q4_0', name), from * heldBytes);
  }
  return storedMatrix(bytes, held, shape);
};

const quantized = (values: Float32Array, columns: number, dtype: 'Q8_0' | 'Q4_0', name: string): Uint8Array => {
  try {
    return quantizeRows(values, columns, dtype);
  } catch (error) {
    throw new RangeError(`loadPretrained: ${name}: ${(error as Error).message}`, { cause: error });
  }
};

/** Everything of a model: its matrices frozen, unless float32 is asked for, and the rest as tensors. */
export const readModel = async (
  stored: ReadonlyMap<string, LocatedTensor>,
  architecture: Architecture,
  weights: WeightWidth,
): Promise<{ readonly params: Record<string, Tensor>; readonly frozen: FrozenMatrices }> => {
  const shapes = Object.entries(parameterShapes(architecture));
  const isFrozen = (shape: readonly number[]): boolean => weights !== 'float32' && shape.length === 2;
  const names = shapes.filter(([, shape]) => !isFrozen(shape)).map(([name]) => name);
  const params = await readWeights(stored, names);
  try {
    const matrices = shapes.filter(([, shape]) => isFrozen(shape)).map(([name]) => name);
    const frozen = await withFiles(stored, matrices, (file, tensor, name) => readMatrix(file, tensor, name, weights));
    // A GPU says now whether it has room, not in the middle of a step.
    await holdStored(Object.values(frozen));
    return { params, frozen };
  } catch (error) {
    tf.dispose(params);
    throw error;
  }
};
