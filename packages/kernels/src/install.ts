import { assertOptions, tensorflowSession, tf, wasmHeap, webgpuDevice } from '@svo/tensor';
import { kernelNames } from './kernel-calls.ts';
import { type KernelFunction, register } from './registry.ts';
import { tensorflowKernels } from './tensorflow/kernels.ts';
import { type CompiledKernels, compileKernels } from './wasm/compile.ts';
import { type KernelEngine, startEngine } from './wasm/engine.ts';
import { createGemm, type Gemm } from './wasm/gemm.ts';
import { wasmKernels } from './wasm/kernels.ts';
import { limitsOf, type MachineLimits } from './wasm/limits.ts';
import { findOpenblas, openblasGemm } from './wasm/openblas.ts';
import { standardKernels } from './wasm/standard-kernels.ts';
import { webgpuKernels, webgpuStandardKernels } from './webgpu/kernels.ts';

/** Settings of `installKernels`. */
export interface KernelOptions {
  /** Threads of our own wasm kernels. Default: those of the active wasm backend. */
  readonly threads?: number;
  /** Who multiplies matrices on wasm: ours, OpenBLAS of the system, or whichever is faster here. Default `'auto'`. */
  readonly gemm?: 'auto' | 'wasm' | 'openblas';
  /** Ask V8 to pair 128-bit vectors into 256-bit ones while it compiles our module (x64, Node 24 on). Default true. */
  readonly pairing?: boolean;
  /**
   * In a browser: the address, with its last `/`, of a folder that serves this package's `wasm` folder. Default: where the
   * package lies, which a bundler that copies files named by `new URL(…, import.meta.url)` keeps true.
   */
  readonly wasmPath?: string;
}

/** What `installKernels` found and registered. */
export interface KernelReport {
  /** The backend the kernels were registered for. */
  readonly backend: string;
  /** Names of the fused kernels in tfjs's registry. Empty: every operation runs as its composite. */
  readonly kernels: string[];
  /** Who multiplies matrices: `'wasm'` (ours), `'openblas'`, or the backend's own. */
  readonly gemm: string;
  readonly threads: number;
  /** Does the engine have relaxed SIMD (fused multiply-add)? */
  readonly relaxedSimd: boolean;
  /** Does V8 pair vectors of four into vectors of eight? */
  readonly paired: boolean;
  /** Fused kernels this backend does not have; their operations run as composites. */
  readonly missing: string[];
}

let running: KernelEngine | undefined;

/**
 * What this machine can do at most, measured: the yardstick for a kernel's speed. Takes about half a second.
 *
 * @returns floating-point operations a second between registers, and bytes a second through memory, on all threads of
 * the installed wasm kernels.
 * @throws Error when `installKernels` has not run on the wasm backend.
 *
 * @example
 * ```ts
 * import { installKernels, measureLimits } from '@svo/kernels';
 * import { useBackend } from '@svo/tensor';
 * await useBackend('wasm', { threads: 2 });
 * await installKernels();
 * const { flops, bytes } = measureLimits();
 * flops > 1e9 && bytes > 1e8; // => true
 * ```
 */
export function measureLimits(): MachineLimits {
  if (running === undefined)
    throw new Error(
      "measureLimits: the wasm kernels are not installed (call useBackend('wasm') and installKernels() first)",
    );
  return limitsOf(running);
}

/** Our own product multiplies on wasm. */
let ownProduct = false;

/**
 * How many rows a matrix product needs for each of its rows to come out the same, bit for bit, whatever the other rows are
 * and however many: a batch padded to so many rows makes a row's results its own.
 *
 * @returns 2 where our own wasm product multiplies, which sums in one order for any number of rows but one. Elsewhere 64,
 * from where on the backends' libraries have been seen to keep to one order; they promise nothing.
 *
 * @example
 * ```ts
 * import { independentRows, installKernels } from '@svo/kernels';
 * import { useBackend } from '@svo/tensor';
 * await useBackend('wasm', { threads: 2 });
 * await installKernels({ gemm: 'wasm' });
 * independentRows(); // => 2
 * ```
 */
export const independentRows = (): number => (tf.getBackend() === 'wasm' && ownProduct ? 2 : 64);

/**
 * Registers the fused kernels the active backend has. Call it after `useBackend`; calling it again replaces what it
 * registered before. Operations whose kernel is missing run as composites of plain tfjs operations.
 *
 * @param options see `KernelOptions`.
 * @returns what is registered, who multiplies, and with how many threads.
 * @throws Error when `gemm: 'openblas'` is asked for and the system has none; RangeError on a bad thread count, an unknown option or gemm.
 *
 * @example
 * ```ts
 * import { installKernels } from '@svo/kernels';
 * import { useBackend } from '@svo/tensor';
 * await useBackend('wasm', { threads: 2 });
 * const report = await installKernels();
 * report.missing; // => []
 * ```
 */
export async function installKernels(options: KernelOptions = {}): Promise<KernelReport> {
  assertOptions('installKernels', options, ['threads', 'gemm', 'pairing', 'wasmPath']);
  const backend = tf.getBackend();
  if (backend === 'wasm') return installWasm(options);
  if (backend === 'webgpu') {
    const device = webgpuDevice();
    const kernels = registerAll('webgpu', webgpuKernels(device), webgpuStandardKernels(device));
    return { ...plain(backend), ...kernels, gemm: 'wgsl' };
  }
  if (backend === 'tensorflow')
    return { ...plain(backend), ...registerAll('tensorflow', tensorflowKernels(tensorflowSession()), {}) };
  return plain(backend);
}

/** The report of a backend that runs composites only. */
const plain = (backend: string): KernelReport => ({
  backend,
  kernels: [],
  gemm: backend,
  threads: 1,
  relaxedSimd: false,
  paired: false,
  missing: [...kernelNames],
});

async function installWasm(options: KernelOptions): Promise<KernelReport> {
  const threads = options.threads ?? wasmHeap().threads;
  const { gemm: wanted = 'auto' } = options;
  if (!['auto', 'wasm', 'openblas'].includes(wanted))
    throw new RangeError(`installKernels: gemm must be 'auto', 'wasm' or 'openblas', got '${wanted}'`);
  if (!(Number.isInteger(threads) && threads > 0))
    throw new RangeError(`installKernels: threads must be a positive integer, got ${threads}`);
  await running?.stop();
  running = undefined;
  const compiled = await compileKernels(wasmHeap().shared, options.pairing ?? true, options.wasmPath);
  const { engine, name, gemm } = await startWith(threads, compiled, wanted);
  running = engine;
  ownProduct = name === 'wasm';
  const { relaxedSimd, paired } = engine;
  const kernels = registerAll('wasm', wasmKernels(engine, gemm), standardKernels(engine, gemm));
  return { ...plain('wasm'), ...kernels, gemm: name, threads: engine.threads, relaxedSimd, paired };
}

/** Registers fused kernels and replacements; says which fused ones there are and which are missing. */
function registerAll(
  backend: string,
  fused: Record<string, KernelFunction>,
  replacements: Record<string, KernelFunction>,
): Pick<KernelReport, 'kernels' | 'missing'> {
  for (const [name, run] of Object.entries({ ...replacements, ...fused })) register(name, backend, run);
  return { kernels: Object.keys(fused), missing: kernelNames.filter((name) => !(name in fused)) };
}

/** Starts the threads, with OpenBLAS in their hands where it is asked for or is the faster one. */
async function startWith(
  threads: number,
  compiled: CompiledKernels,
  wanted: 'auto' | 'wasm' | 'openblas',
): Promise<{ engine: KernelEngine; name: string; gemm: Gemm }> {
  // With paired vectors our own product keeps up with OpenBLAS and gives the same bits on any number of threads.
  if (wanted === 'openblas' || (wanted === 'auto' && !compiled.paired))
    try {
      const engine = await startEngine({ threads, compiled, library: await findOpenblas() });
      return { engine, name: 'openblas', gemm: openblasGemm(engine, createGemm(engine)) };
    } catch (error) {
      if (wanted === 'openblas') throw error;
    }
  const engine = await startEngine({ threads, compiled });
  return { engine, name: 'wasm', gemm: createGemm(engine) };
}
