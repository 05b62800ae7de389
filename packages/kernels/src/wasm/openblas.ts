/** OpenBLAS of the system, called on the wasm heap through koffi. */
import type { KernelEngine } from './engine.ts';
import { fewRows, type Gemm } from './gemm.ts';

const libraries = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll'];
const rowMajor = 101;
const plain = 111;
const transposed = 112;

/** The part of koffi used here. */
interface Koffi {
  load(path: string): { func(prototype: string): unknown };
}

/** C ← α op(A) op(B) + β C, as in the BLAS standard. */
type Sgemm = (
  order: number,
  opA: number,
  opB: number,
  M: number,
  N: number,
  K: number,
  alpha: number,
  a: Float32Array,
  strideA: number,
  b: Float32Array,
  strideB: number,
  beta: number,
  c: Float32Array,
  strideC: number,
) => void;

/**
 * cblas_sgemm as a `Gemm`; products of few rows stay with `ours`, which reads the weights where they lie. Throws when koffi or
 * the library is absent.
 */
export async function openblasGemm(engine: KernelEngine, ours: Gemm): Promise<Gemm> {
  const koffi = (await import('koffi')).default as unknown as Koffi;
  const library = openFirst(koffi);
  const sgemm = library.func(
    'void cblas_sgemm(int, int, int, int, int, int, float, void*, int, void*, int, float, void*, int)',
  ) as unknown as Sgemm;
  (library.func('void openblas_set_num_threads(int)') as unknown as (threads: number) => void)(engine.threads);
  const floats = (pointer: number, count: number): Float32Array =>
    new Float32Array(engine.heap.memory.buffer, pointer, count);
  return (product) => {
    const { M, N, K, a, b, c, transposeA = false, transposeB = false, accumulate = false } = product;
    if (M <= fewRows || N === 0 || K === 0) return ours(product);
    const [opA, opB] = [transposeA ? transposed : plain, transposeB ? transposed : plain];
    const [strideA, strideB] = [transposeA ? M : K, transposeB ? K : N];
    const beta = accumulate ? 1 : 0;
    const [x, y, z] = [floats(a, M * K), floats(b, K * N), floats(c, M * N)];
    sgemm(rowMajor, opA, opB, M, N, K, 1, x, Math.max(1, strideA), y, Math.max(1, strideB), beta, z, N);
  };
}

/**
 * Opens the first library there is. OpenBLAS's threads spin for some 20 ms after each product unless told otherwise when
 * the library is loaded, and would hold the processors that our own threads need for everything between two products.
 */
function openFirst(koffi: Koffi): ReturnType<Koffi['load']> {
  const timeout = process.env.OPENBLAS_THREAD_TIMEOUT;
  process.env.OPENBLAS_THREAD_TIMEOUT ??= '4';
  try {
    for (const name of libraries) {
      try {
        return koffi.load(name);
      } catch {
        // the next name may be there
      }
    }
  } finally {
    if (timeout === undefined) delete process.env.OPENBLAS_THREAD_TIMEOUT;
  }
  throw new Error(
    `installKernels: no OpenBLAS library on this system (tried ${libraries.join(', ')}; on Debian: apt-get install libopenblas0)`,
  );
}
