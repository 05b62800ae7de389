import { assertOptions, tensorflowSession, tf, wasmHeap, webgpuDevice } from '@svo/tensor';
import { kernelNames } from './kernel-calls.ts';
import { engineNames, type StartedEngine, startMatrices, type WantedEngine } from './native/engine-choice.ts';
import { type KernelFunction, register } from './registry.ts';
import { tensorflowKernels } from './tensorflow/kernels.ts';
import { compileKernels } from './wasm/compile.ts';
import { wasmKernels } from './wasm/kernels.ts';
import { limitsOf, type MachineLimits } from './wasm/limits.ts';
import { standardKernels } from './wasm/standard-kernels.ts';
import { storedKernels } from './wasm/stored-kernels.ts';
import { webgpuKernels, webgpuStandardKernels } from './webgpu/kernels.ts';
import { packedKernels } from './webgpu/packed-kernels.ts';

/** Settings of `installKernels`. */
export interface KernelOptions {
  /** Threads of our own wasm kernels. Default: those of the active wasm backend. */
  readonly threads?: number;
  /**
   * Who multiplies matrices on the wasm backend: ours (`'wasm'`), ONNX Runtime from the packages onnxruntime-node and koffi, or
   * OpenBLAS of the system through koffi. Default `'auto'`: by the processor's features and what is installed, the same
   * choice every time on one kind of machine; the report says which and why.
   */
  readonly engine?: WantedEngine;
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
  /** Who multiplies matrices: `'wasm'` (ours), `'onnxruntime'`, `'openblas'`, or the backend's own. */
  readonly engine: string;
  /** Why it is this one, and which version of it. */
  readonly reason: string;
  readonly threads: number;
  /** Does the engine have relaxed SIMD (fused multiply-add)? */
  readonly relaxedSimd: boolean;
  /** Does V8 pair vectors of four into vectors of eight? */
  readonly paired: boolean;
  /** Fused kernels this backend does not have; their operations run as composites. */
  readonly missing: string[];
}

let running: StartedEngine | undefined;

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
  return limitsOf(running.engine);
}

/**
 * How many rows a matrix product needs for each of its rows to come out the same, bit for bit, whatever the other rows are
 * and however many: a batch padded to so many rows makes a row's results its own.
 *
 * @returns 1 where our own wasm product or ONNX Runtime multiplies, which sum in one order for any number of rows (of
 * ONNX Runtime the tests hold it, for the version this package names). Elsewhere 64, from where on the backends' libraries
 * have been seen to keep to one order; they promise nothing.
 *
 * @example
 * ```ts
 * import { independentRows, installKernels } from '@svo/kernels';
 * import { useBackend } from '@svo/tensor';
 * await useBackend('wasm', { threads: 2 });
 * await installKernels({ engine: 'wasm' });
 * independentRows(); // => 1
 * ```
 */
export const independentRows = (): number =>
  tf.getBackend() === 'wasm' && running !== undefined && running.matrices.name !== 'openblas' ? 1 : 64;

/**
 * Registers the fused kernels the active backend has. Call it after `useBackend`; calling it again replaces what it
 * registered before. Operations whose kernel is missing run as composites of plain tfjs operations.
 *
 * @param options see `KernelOptions`.
 * @returns what is registered, who multiplies, and with how many threads.
 * @throws Error when an engine is asked for by name and cannot be had; RangeError on a bad thread count, an unknown option or engine.
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
  if ('gemm' in options)
    throw new RangeError("installKernels: option 'gemm' is called 'engine' now (see docs/migration.md)");
  assertOptions('installKernels', options, ['threads', 'engine', 'pairing', 'wasmPath']);
  const backend = tf.getBackend();
  if (backend === 'wasm') return installWasm(options);
  if (backend === 'webgpu') {
    const device = webgpuDevice();
    const replacements = { ...webgpuStandardKernels(device), ...packedKernels(device) };
    const kernels = registerAll('webgpu', webgpuKernels(device), replacements);
    return { ...plain(backend), ...kernels, engine: 'wgsl' };
  }
  if (backend === 'tensorflow')
    return { ...plain(backend), ...registerAll('tensorflow', tensorflowKernels(tensorflowSession()), {}) };
  return plain(backend);
}

/** The report of a backend that runs composites only. */
const plain = (backend: string): KernelReport => ({
  backend,
  kernels: [],
  engine: backend,
  reason: "the backend's own",
  threads: 1,
  relaxedSimd: false,
  paired: false,
  missing: [...kernelNames],
});

async function installWasm(options: KernelOptions): Promise<KernelReport> {
  const threads = options.threads ?? wasmHeap().threads;
  const { engine: wanted = 'auto' } = options;
  if (!engineNames.includes(wanted))
    throw new RangeError(
      `installKernels: engine must be 'auto', 'wasm', 'openblas' or 'onnxruntime', got '${wanted}' (it says who multiplies matrices)`,
    );
  if (!(Number.isInteger(threads) && threads > 0))
    throw new RangeError(`installKernels: threads must be a positive integer, got ${threads}`);
  running?.matrices.stop();
  await running?.engine.stop();
  running = undefined;
  const compiled = await compileKernels(wasmHeap().shared, options.pairing ?? true, options.wasmPath);
  running = await startMatrices(wanted, threads, compiled);
  const { engine, matrices, reason } = running;
  const { relaxedSimd, paired } = engine;
  const replacements = { ...standardKernels(engine, matrices.multiply), ...storedKernels(engine, matrices) };
  const kernels = registerAll('wasm', wasmKernels(engine, matrices), replacements);
  return { ...plain('wasm'), ...kernels, engine: matrices.name, reason, threads: engine.threads, relaxedSimd, paired };
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
