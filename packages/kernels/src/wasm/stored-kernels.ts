/**
 * Stored matrices on the wasm backend. For few rows they lie in the heap, interleaved; what cannot lie there is copied piece by piece and
 * becomes float32.
 */
import type { StoredMatrix } from '@svo/files';
import type { TensorHandle } from '@svo/tensor';
import { type Handles, type KernelFunction, size } from '../registry.ts';
import { workingSizes } from '../working-sizes.ts';
import type { KernelEngine } from './engine.ts';
import { type MatrixEngine, multiplyRows } from './gemm.ts';
import { interleavedMatrices, pieceBytes } from './interleaved-matrices.ts';
import { rowsPerTask } from './rows.ts';
import { groupRows, interleavedBytes, storedKinds, takesInt8 } from './stored-kinds.ts';

export function storedKernels(
  engine: KernelEngine,
  { oursTakes }: MatrixEngine,
): Record<'SvoStoredRows' | 'SvoStoredProduct' | 'SvoStoredInt8Product', KernelFunction> {
  const { heap } = engine;
  const interleaved = interleavedMatrices(engine);
  /** Rows from … to − 1 as they are stored, in the heap. */
  const copied = ({ bytes, rowBytes }: StoredMatrix, from: number, to: number): number => {
    // A last block is loaded by sixteen bytes.
    const at = engine.workspace('stored', (to - from) * rowBytes + 16);
    new Uint8Array(heap.memory.buffer, at).set(bytes.subarray(from * rowBytes, to * rowBytes));
    return at;
  };
  const byPieces = (x: TensorHandle, matrix: StoredMatrix, kind: number): TensorHandle => {
    const { rowBytes, shape } = matrix;
    const [N, K] = shape;
    const M = x.shape[0]!;
    const y = heap.output([M, N]);
    const step = Math.max(6, Math.floor(pieceBytes / rowBytes));
    for (let row = 0; row < N; row += step) {
      const count = Math.min(step, N - row);
      const b = copied(matrix, row, row + count);
      const product = { M, N: count, K, a: heap.pointer(x), b, c: heap.pointer(y) + row * 4 };
      multiplyRows(engine, product, { strideC: N, kind, rowBytes });
    }
    return y;
  };
  return {
    SvoStoredRows(_, attributes) {
      const { matrix, from, to } = attributes as unknown as { matrix: StoredMatrix; from: number; to: number };
      const { dtype, rowBytes, shape } = matrix;
      const K = shape[1];
      const rows = heap.output([to - from, K]);
      const kind = storedKinds[dtype]?.number;
      if (kind === undefined || size(rows.shape) === 0)
        matrix.rows(from, to, new Float32Array(heap.memory.buffer, heap.pointer(rows), (to - from) * K));
      else {
        const step = rowsPerTask(K);
        const values = [kind, to - from, K, rowBytes, copied(matrix, from, to), heap.pointer(rows), step];
        engine.run('unpack', Math.ceil((to - from) / step), values);
      }
      return rows;
    },
    /** x Wᵀ, or nothing where W becomes float32 first: for more rows, or a type that the host reads. */
    SvoStoredProduct({ x }: Handles, attributes): TensorHandle[] {
      const { matrix, recording } = attributes as unknown as { matrix: StoredMatrix; recording: boolean };
      const [N, K] = matrix.shape;
      const M = x!.shape[0]!;
      const kind = storedKinds[matrix.dtype]?.number;
      // A training step wants the room.
      if (recording) interleaved.release();
      if (kind === undefined || M === 0 || N === 0 || K === 0 || !oursTakes(M, N, K)) return [];
      const held = recording ? undefined : interleaved.of(matrix);
      if (held === undefined) return [byPieces(x!, matrix, kind)];
      const y = heap.output([M, N]);
      const [a, c] = [heap.pointer(x!), heap.pointer(y)];
      const step = groupsPerTask(N, K);
      const values = [kind, M, N, K, a, held.base, c, step, held.groupBytes, engine.width];
      engine.run('interleaved', Math.ceil(N / groupRows / step), values);
      return [y];
    },
    /** x Wᵀ with x rounded to int8 in blocks of 32, or nothing for a matrix whose numbers are no blocks of 32 quants. */
    SvoStoredInt8Product({ x }: Handles, attributes): TensorHandle[] {
      const { matrix } = attributes as unknown as { matrix: StoredMatrix };
      const [N, K] = matrix.shape;
      const M = x!.shape[0]!;
      if (!takesInt8(matrix) || M === 0) return [];
      const held = interleaved.of(matrix);
      if (held === undefined)
        throw new RangeError(
          `linear: activations 'int8' keep their weights in the wasm heap, where there is no room for ${interleavedBytes(matrix.dtype, matrix.shape)} bytes of [${N}, ${K}] in ${matrix.dtype} (all weights so kept may take ${workingSizes.interleaved}; leave the option out)`,
        );
      const y = heap.output([M, N]);
      const rounded = engine.workspace('rows', M * (K / 32) * roundedBytes);
      const rows = rowsPerTask(K);
      engine.run('quantize', Math.ceil(M / rows), [M, K, heap.pointer(x!), rounded, rows]);
      const step = groupsPerTask(N, K);
      const kind = storedKinds[matrix.dtype]!.number;
      const values = [kind, M, N, K, rounded, held.base, heap.pointer(y), step, held.groupBytes];
      engine.run('quantized', Math.ceil(N / groupRows / step), values);
      return [y];
    },
  };
}

/** Bytes of 32 rounded numbers, as `assembly/quantized.ts` lays them out. */
const roundedBytes = 80;

/** Groups of weight rows a task handles: some 32 K weights, and eight tasks at least where there are as many groups. */
const groupsPerTask = (N: number, K: number): number =>
  Math.max(1, Math.floor(Math.min((1 << 15) / (groupRows * K), N / groupRows / 8)));
