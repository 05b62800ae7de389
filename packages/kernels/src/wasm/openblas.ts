/** OpenBLAS of the system, called on the wasm heap through koffi. */
import type { KernelEngine } from './engine.ts';
import type { Gemm } from './gemm.ts';

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

/** cblas_sgemm as a `Gemm`; throws when koffi or the library is absent. */
export async function openblasGemm(engine: KernelEngine): Promise<Gemm> {
  const koffi = (await import('koffi')).default as unknown as Koffi;
  const library = openFirst(koffi);
  const sgemm = library.func(
    'void cblas_sgemm(int, int, int, int, int, int, float, void*, int, void*, int, float, void*, int)',
  ) as unknown as Sgemm;
  (library.func('void openblas_set_num_threads(int)') as unknown as (threads: number) => void)(engine.threads);
  const floats = (pointer: number, count: number): Float32Array =>
    new Float32Array(engine.heap.memory.buffer, pointer, count);
  return ({ M, N, K, a, b, c, transposeA = false, transposeB = false, accumulate = false }) => {
    if (M === 0 || N === 0) return;
    const [opA, opB] = [transposeA ? transposed : plain, transposeB ? transposed : plain];
    const [strideA, strideB] = [transposeA ? M : K, transposeB ? K : N];
    const beta = accumulate ? 1 : 0;
    const [x, y, z] = [floats(a, M * K), floats(b, K * N), floats(c, M * N)];
    sgemm(rowMajor, opA, opB, M, N, K, 1, x, Math.max(1, strideA), y, Math.max(1, strideB), beta, z, N);
  };
}

function openFirst(koffi: Koffi): ReturnType<Koffi['load']> {
  for (const name of libraries) {
    try {
      return koffi.load(name);
    } catch {
      // the next name may be there
    }
  }
  throw new Error(
    `installKernels: no OpenBLAS library on this system (tried ${libraries.join(', ')}; on Debian: apt-get install libopenblas0)`,
  );
}
