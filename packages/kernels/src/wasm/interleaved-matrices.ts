/** Stored matrices in the wasm heap, interleaved (see `assembly/interleave.ts`), for products of few rows: written there once. */
import type { StoredMatrix } from '@svo/files';
import { OutOfMemoryError } from '@svo/tensor';
import { workingSizes } from '../working-sizes.ts';
import type { KernelEngine } from './engine.ts';
import { groupBytes, groupRows, interleavedBytes, storedKinds } from './stored-kinds.ts';

/** Bytes copied for few rows at a time: the caches hold them. */
export const pieceBytes: number = 1 << 20;

/** A matrix in the heap, and the bytes of sixteen of its rows. */
export interface InterleavedMatrix {
  readonly base: number;
  readonly groupBytes: number;
}

/** The matrices an engine holds. */
export interface InterleavedMatrices {
  /** Where a matrix lies, put there if it is not; nothing where it cannot be: for its type, its width, its numbers, or lack of room. */
  readonly of: (matrix: StoredMatrix) => InterleavedMatrix | undefined;
  /** Frees all of them: what is needed again is written again. */
  readonly release: () => void;
}

interface Entry extends InterleavedMatrix {
  readonly bytes: number;
  readonly dtype: string;
  readonly shape: readonly [number, number];
}

/** Is it what other bytes of the same place stand for? */
const isOf = (entry: Entry, { dtype, shape: [N, K] }: StoredMatrix): boolean =>
  entry.dtype === dtype && entry.shape[0] === N && entry.shape[1] === K;

/** By the matrices' bytes, so that two views of one matrix share them. */
export function interleavedMatrices(engine: KernelEngine): InterleavedMatrices {
  let entries = new WeakMap<Uint8Array, Entry>();
  const alive = new Set<Entry>();
  const refused = new WeakSet<Uint8Array>();
  let inUse = 0;
  const free = (entry: Entry): void => {
    if (!alive.delete(entry)) return;
    inUse -= entry.bytes;
    engine.free(entry.base);
  };
  const forgotten = new FinalizationRegistry<Entry>(free);

  const place = (matrix: StoredMatrix): Entry | undefined => {
    const bytes = interleavedBytes(matrix.dtype, matrix.shape);
    if (bytes === 0 || inUse + bytes > workingSizes.interleaved) return undefined;
    const kind = storedKinds[matrix.dtype]!;
    const group = groupBytes(kind, matrix.shape[1])!;
    let base: number;
    try {
      base = engine.allocate(bytes);
    } catch (error) {
      if (error instanceof OutOfMemoryError) return undefined;
      throw error;
    }
    try {
      if (write(engine, matrix, kind.number, group, base)) {
        const { dtype, shape } = matrix;
        return { base, groupBytes: group, bytes, dtype, shape };
      }
    } catch (error) {
      engine.free(base);
      throw error;
    }
    engine.free(base);
    refused.add(matrix.bytes);
    return undefined;
  };

  return {
    of(matrix) {
      const known = entries.get(matrix.bytes);
      if (known) return isOf(known, matrix) ? known : undefined;
      if (refused.has(matrix.bytes)) return undefined;
      const entry = place(matrix);
      if (entry === undefined) return undefined;
      inUse += entry.bytes;
      alive.add(entry);
      entries.set(matrix.bytes, entry);
      forgotten.register(matrix.bytes, entry);
      return entry;
    },
    release() {
      for (const entry of [...alive]) free(entry);
      entries = new WeakMap();
    },
  };
}

/** Writes a matrix, piece by piece; false where it holds float16 numbers that are not finite. */
function write(engine: KernelEngine, matrix: StoredMatrix, kind: number, group: number, base: number): boolean {
  const { heap } = engine;
  const { bytes, rowBytes, shape } = matrix;
  const [N, K] = shape;
  const rows = groupRows * Math.max(1, Math.floor(pieceBytes / (groupRows * rowBytes)));
  // The counter of odd rows, then the rows as they are stored.
  const counter = engine.workspace('stored', 64 + Math.min(rows, N) * rowBytes);
  new Int32Array(heap.memory.buffer, counter, 1)[0] = 0;
  for (let row = 0; row < N; row += rows) {
    const count = Math.min(rows, N - row);
    new Uint8Array(heap.memory.buffer, counter + 64).set(bytes.subarray(row * rowBytes, (row + count) * rowBytes));
    const to = base + (row / groupRows) * group;
    const values = [kind, count, K, rowBytes, counter + 64, to, group, counter];
    engine.run('interleave', Math.ceil(count / groupRows), values);
  }
  return new Int32Array(heap.memory.buffer, counter, 1)[0] === 0;
}
