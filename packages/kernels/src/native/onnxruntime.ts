/** Products by ONNX Runtime, in place in the wasm heap. */
import type { WasmHeap } from '@svo/tensor';
import { fewRows, type Gemm, type MatrixEngine, type ProductArguments } from '../wasm/gemm.ts';
import { productModel } from './onnx-model.ts';
import type { Handle, OnnxRuntime } from './onnxruntime-library.ts';

/** Numbers in B below which ours multiplies: a call costs some eight microseconds. */
const least = 1 << 16;

/** Columns a thread must have for the library to sum in the same order as on one thread. */
const pieceColumns = 80;

/**
 * Does the library take this product? It depends on B alone, once A has two rows: a row's numbers must not depend on how many
 * others there are. (One row goes another way there, and few columns do.)
 */
const takes = ({ M, N, K }: Pick<ProductArguments, 'M' | 'N' | 'K'>): boolean => M >= 2 && N >= 16 && N * K >= least;

/**
 * On how many threads the bits are those of one thread. The library cuts the longer side of C into a piece for each; it sums in
 * blocks of the depth whose length follows a piece's columns where those are few, and a piece of one row goes another way.
 */
const threadsFor = ({ M, N }: ProductArguments, threads: number): number => {
  const whole = N > M ? N >= pieceColumns * threads : M >= 4 * threads;
  return whole ? threads : 1;
};

/**
 * A matrix engine on the library; what it does not take goes to `ours`. Sessions are one for each kind of product, at most
 * sixteen, whatever the shapes.
 */
export function onnxruntimeEngine(runtime: OnnxRuntime, heap: WasmHeap, threads: number, ours: Gemm): MatrixEngine {
  const sessions = new Map<string, Handle>();
  const sessionFor = (product: ProductArguments): Handle => {
    const { transposeA = false, transposeB = false, accumulate = false } = product;
    const used = threadsFor(product, threads);
    const key = [transposeA, transposeB, accumulate, used].join();
    const known = sessions.get(key);
    if (known) return known;
    const session = runtime.createSession(productModel({ transposeA, transposeB, accumulate }), used);
    sessions.set(key, session);
    return session;
  };
  const multiply: Gemm = (product) => {
    if (!takes(product)) return ours(product);
    const { M, N, K, a, b, c, transposeA = false, transposeB = false, accumulate = false } = product;
    const session = sessionFor(product);
    const made: Handle[] = [];
    const matrix = (at: number, rows: number, columns: number): Handle => {
      const begin = new Uint8Array(heap.memory.buffer as ArrayBuffer, at, 4);
      const handle = runtime.createMatrix(begin, rows, columns);
      made.push(handle);
      return handle;
    };
    try {
      const left = transposeA ? matrix(a, K, M) : matrix(a, M, K);
      const right = transposeB ? matrix(b, N, K) : matrix(b, K, N);
      const result = matrix(c, M, N);
      if (accumulate) runtime.run(session, ['a', 'b', 'c'], [left, right, result], result);
      else runtime.run(session, ['a', 'b'], [left, right], result);
    } finally {
      for (const handle of made) runtime.releaseMatrix(handle);
    }
  };
  return {
    name: 'onnxruntime',
    multiply,
    packs: false,
    oursTakes: (M, N, K) => M <= fewRows && !takes({ M, N, K }),
    stop() {
      for (const session of sessions.values()) runtime.releaseSession(session);
      sessions.clear();
    },
  };
}
