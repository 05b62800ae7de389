/** Products by ONNX Runtime, in place in the wasm heap. */
import type { WasmHeap } from '@svo/tensor';
import { fewRows, type Gemm, type MatrixEngine, type ProductArguments } from '../wasm/gemm.ts';
import { productModel } from './onnx-model.ts';
import type { Handle, OnnxRuntime } from './onnxruntime-library.ts';

/** Numbers in B below which ours multiplies: a call costs some eight microseconds. */
const least = 1 << 16;

/** Columns up to which the library sums in longer blocks of the depth than ours does, and than it does for more columns. */
const narrow = 64;

/** Columns a thread must have for the library to sum in the same order as on one thread. */
const pieceColumns = 80;

/** Rows up to which ours reads the weights where they lie faster than the library packs them. */
const fewer = 16;

/** Does the library take this product? It depends on B alone: a row's numbers must not depend on how many others there are. */
const takes = (N: number, K: number): boolean => N > narrow && N * K >= least;

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
 *
 * Both sum in blocks of 128 of the depth, one multiply-add after the other. Where ours rounds once a multiply-add, as the library
 * does, the numbers are the same bits, which is tried here once: then ours takes products of few rows. Elsewhere one row goes to
 * the library twice, for it has another way for one.
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
  const theirs: Gemm = (product) => {
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
  const twice = oneRowTwice(heap, theirs);
  const same = sameBits(heap, theirs, ours);
  const multiply: Gemm = (product) => {
    const { M, N, K, transposeA = false, transposeB = false, accumulate = false } = product;
    if (M === 0 || !takes(N, K)) return ours(product);
    if (!same) return M === 1 ? twice(product) : theirs(product);
    const inPlace = transposeB && !transposeA && !accumulate;
    return M === 1 || (M <= fewer && inPlace) ? ours(product) : theirs(product);
  };
  return {
    name: 'onnxruntime',
    multiply,
    packs: false,
    oursTakes: (M, N, K) => M <= fewRows && (same || !takes(N, K)),
    stop() {
      for (const session of sessions.values()) runtime.releaseSession(session);
      sessions.clear();
    },
  };
}

/** A product of one row as one of two equal rows. */
const oneRowTwice =
  (heap: WasmHeap, multiply: Gemm): Gemm =>
  (product) => {
    const { N, K, a, c, accumulate = false } = product;
    const block = heap.allocate((2 * K + 2 * N) * 4);
    try {
      const rows = (at: number, width: number): Float32Array => new Float32Array(heap.memory.buffer, at, width);
      const [x, y] = [block, block + 2 * K * 4];
      for (const row of [0, 1]) {
        rows(x + row * K * 4, K).set(rows(a, K));
        if (accumulate) rows(y + row * N * 4, N).set(rows(c, N));
      }
      multiply({ ...product, M: 2, a: x, c: y, transposeA: false });
      rows(c, N).set(rows(y, N));
    } finally {
      heap.free(block);
    }
  };

/** Do both give the same bits, for two rows and more and a depth of several blocks? */
function sameBits(heap: WasmHeap, theirs: Gemm, ours: Gemm): boolean {
  const [N, K] = [130, 520];
  return [2, 3, 17].every((M) => {
    const sizes = [M * K, N * K, M * N, M * N];
    const block = heap.allocate(sizes.reduce((sum, size) => sum + size, 0) * 4);
    try {
      const [a, b, c, d] = sizes.map((_, i) => block + sizes.slice(0, i).reduce((sum, size) => sum + size, 0) * 4) as [
        ...[number, number, number, number],
      ];
      const numbers = new Float32Array(heap.memory.buffer, a, M * K + N * K);
      // Numbers of every size from 1 to 1/256 and of both signs, whose sums are rounded at each step.
      for (let i = 0; i < numbers.length; i++) numbers[i] = ((i * 7919) % 509) / 254.5 - 1;
      theirs({ M, N, K, a, b, c, transposeB: true });
      ours({ M, N, K, a, b, c: d, transposeB: true });
      const [one, other] = [c, d].map((at) => new Int32Array(heap.memory.buffer, at, M * N)) as [
        Int32Array,
        Int32Array,
      ];
      return one.every((bits, i) => bits === other[i]);
    } finally {
      heap.free(block);
    }
  });
}
