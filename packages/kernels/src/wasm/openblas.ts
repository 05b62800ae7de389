/** OpenBLAS of the system, called on the wasm heap through koffi. */
import type { KernelEngine } from './engine.ts';
import { fewRows, type Gemm } from './gemm.ts';
import type { Koffi } from './sgemm-tasks.ts';

const libraries = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll'];

/** Rows or columns of C a task takes: fewer would repeat the packing of the other factor too often. */
const piece = 512;

/** Numbers in a product below which ours is faster: a call costs some microseconds. */
const small = 1 << 21;

/** cblas_sgemm as a `Gemm`; small products and those of few rows stay with `ours`. */
export function openblasGemm(engine: KernelEngine, ours: Gemm): Gemm {
  return (product) => {
    const { M, N, K, a, b, c, transposeA = false, transposeB = false, accumulate = false } = product;
    if (M <= fewRows || M * N * K < small) return ours(product);
    // The longer side is cut. The pieces depend on the sizes alone, and so do the bits, on any number of threads.
    const count = Math.max(2, Math.round(Math.max(M, N) / piece));
    const [rows, columns] = M >= N ? [Math.ceil(M / count), N] : [M, Math.ceil(N / count)];
    const flags = [transposeA, transposeB, accumulate].map(Number);
    const tasks = Math.ceil(M / rows) * Math.ceil(N / columns);
    engine.run('foreign', tasks, [M, N, K, a, b, c, ...flags, rows, columns]);
  };
}

/** The name under which OpenBLAS is loaded here; throws when koffi or the library is absent. */
export async function findOpenblas(): Promise<string> {
  const koffi = (await import('koffi')).default as unknown as Koffi;
  for (const name of libraries) {
    try {
      koffi.load(name);
      return name;
    } catch {
      // the next name may be there
    }
  }
  throw new Error(
    `installKernels: no OpenBLAS library on this system (tried ${libraries.join(', ')}; on Debian: apt-get install libopenblas0)`,
  );
}
