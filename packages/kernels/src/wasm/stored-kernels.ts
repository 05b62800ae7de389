/** Stored matrices on the wasm backend: their bytes are copied into the heap piece by piece and become float32 there. */
import type { StoredMatrix } from '@svo/files';
import type { TensorHandle } from '@svo/tensor';
import { type KernelFunction, size } from '../registry.ts';
import type { KernelEngine } from './engine.ts';
import { type MatrixEngine, multiplyRows } from './gemm.ts';
import { rowsPerTask } from './rows.ts';

/** The types that `assembly/unpack.ts` reads, by its numbers; the host reads the others. */
const kinds: Readonly<Record<string, number>> = { BF16: 1, F16: 2, Q8_0: 3, Q4_0: 4, Q4_1: 5 };

/** Bytes copied for few rows at a time: the caches hold them. */
const pieceBytes = 1 << 20;

export function storedKernels(
  engine: KernelEngine,
  { oursTakes }: MatrixEngine,
): Record<'SvoStoredRows' | 'SvoStoredProduct', KernelFunction> {
  const { heap } = engine;
  /** Rows from … to − 1 as they are stored, in the heap. */
  const copied = ({ bytes, rowBytes }: StoredMatrix, from: number, to: number): number => {
    // A last block is loaded by sixteen bytes.
    const at = engine.workspace('stored', (to - from) * rowBytes + 16);
    new Uint8Array(heap.memory.buffer, at).set(bytes.subarray(from * rowBytes, to * rowBytes));
    return at;
  };
  return {
    SvoStoredRows(_, attributes) {
      const { matrix, from, to } = attributes as unknown as { matrix: StoredMatrix; from: number; to: number };
      const { dtype, rowBytes, shape } = matrix;
      const K = shape[1];
      const rows = heap.output([to - from, K]);
      const kind = kinds[dtype];
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
    SvoStoredProduct({ x }, attributes): TensorHandle[] {
      const { matrix } = attributes as unknown as { matrix: StoredMatrix };
      const { dtype, rowBytes, shape } = matrix;
      const [N, K] = shape;
      const M = x!.shape[0]!;
      const kind = kinds[dtype];
      if (kind === undefined || M === 0 || N === 0 || K === 0 || !oursTakes(M, N, K)) return [];
      const y = heap.output([M, N]);
      const step = Math.max(6, Math.floor(pieceBytes / rowBytes));
      for (let row = 0; row < N; row += step) {
        const count = Math.min(step, N - row);
        const b = copied(matrix, row, row + count);
        const product = { M, N: count, K, a: heap.pointer(x!), b, c: heap.pointer(y) + row * 4 };
        multiplyRows(engine, product, { strideC: N, kind, rowBytes });
      }
      return [y];
    },
  };
}
