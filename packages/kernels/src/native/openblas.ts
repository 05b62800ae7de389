/** OpenBLAS of the system, called on the wasm heap through koffi. */

import type { KernelEngine } from '../wasm/engine.ts';
import { fewRows, type Gemm } from '../wasm/gemm.ts';
import type { Koffi } from '../wasm/sgemm-tasks.ts';
import { cpuFlags, hasAvx512 } from './cpu.ts';

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

/** OpenBLAS as it was found. */
export interface FoundOpenblas {
  /** The name it is loaded by. */
  readonly library: string;
  /** The processor it computes for, in its own words. */
  readonly core: string;
}

/** The variable OpenBLAS reads, once, while it is loaded. */
const coreVariable = 'OPENBLAS_CORETYPE';

/** The cores whose kernels use the widest vectors of these flags; the first is asked for. None: OpenBLAS may choose. */
export const coresFor = (flags: ReadonlySet<string>): readonly string[] => {
  if (hasAvx512(flags)) return ['SKYLAKEX', 'COOPERLAKE', 'SAPPHIRERAPIDS'];
  if (flags.has('avx2') && flags.has('fma')) return ['HASWELL', 'ZEN'];
  return [];
};

/**
 * Loads OpenBLAS, told what this processor has: one that does not know it takes kernels of a quarter of its speed. A type the
 * user has set stays.
 *
 * @throws Error when koffi or the library is absent, or it computes for a lesser processor all the same.
 */
export async function findOpenblas(): Promise<FoundOpenblas> {
  const koffi = (await import('koffi')).default as unknown as Koffi;
  const cores = process.env[coreVariable] === undefined ? coresFor(await cpuFlags()) : [];
  if (cores[0] !== undefined) process.env[coreVariable] = cores[0];
  try {
    for (const library of libraries) {
      const core = coreOf(koffi, library);
      if (core === undefined) continue;
      if (cores.length === 0 || cores.includes(core.toUpperCase())) return { library, core };
      throw new Error(
        `installKernels: ${library} computes for ${core}, this processor has more (set ${coreVariable}=${cores[0]} before the process starts, or take engine: 'wasm')`,
      );
    }
  } finally {
    // It was for the library alone: other processes are not to inherit it.
    if (cores[0] !== undefined) delete process.env[coreVariable];
  }
  throw new Error(
    `installKernels: no OpenBLAS library on this system (tried ${libraries.join(', ')}; on Debian: apt-get install libopenblas0)`,
  );
}

/** The core a library computes for; undefined where there is none of this name. */
function coreOf(koffi: Koffi, library: string): string | undefined {
  try {
    return (koffi.load(library).func('str openblas_get_corename()') as () => string)();
  } catch {
    return undefined;
  }
}
