import { assertOptions } from '@svo/files';
import { tf } from '../tf.ts';
import { installs } from '../tfjs/installs.ts';
import { startDawn } from './dawn.ts';
import { isDeno, startDenoWasm } from './deno-wasm.ts';
import { countAxesFromFront, guardKernels, registerGuardedWasm, runningBackend } from './internals.ts';
import type { BackendName, BackendOptions, BackendReport } from './report.ts';
import { startTensorflow } from './tensorflow.ts';
import { startThreadedWasm } from './threaded-wasm.ts';

const isNode = (): boolean => typeof process !== 'undefined' && process.versions?.node !== undefined;

/** Fastest first: the order `'auto'` tries. */
const candidates: readonly BackendName[] = ['tensorflow-gpu', 'webgpu', 'wasm', 'tensorflow', 'cpu'];

/**
 * Makes a backend the active one, and says what is now running.
 *
 * `'auto'` takes the first that starts, in this order: TensorFlow on CUDA, WebGPU on a real adapter, threaded wasm
 * (fused kernels come with `installKernels` of `@svo/kernels`), TensorFlow on the CPU, plain JavaScript.
 *
 * @param name the backend, or `'auto'`.
 * @param options `threads`: worker threads of the wasm backend (default: all the machine offers; in a browser one).
 * `wasmPath`: where a browser finds tfjs's `.wasm` files.
 * @returns the backend in use, its threads and device, why faster ones were passed over, and how to get one.
 * @throws Error when a backend asked for by name cannot start here, with the reason and what to install.
 * @throws RangeError when `threads` is not a positive integer, or a name or an option is not one there is.
 * Afterwards a backend whose memory runs out throws an `OutOfMemoryError`, whatever operation asked.
 *
 * @example
 * ```ts
 * import { useBackend } from '@svo/tensor';
 * const report = await useBackend('cpu');
 * report.backend; // => 'cpu'
 * ```
 */
export async function useBackend(
  name: BackendName | 'auto' = 'auto',
  options: BackendOptions = {},
): Promise<BackendReport> {
  assertOptions('useBackend', options, ['threads', 'wasmPath']);
  const known: readonly string[] = ['auto', ...candidates];
  if (!known.includes(name)) throw new RangeError(`useBackend: name must be one of ${known.join(', ')}, got '${name}'`);
  const { threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    throw new RangeError(
      `useBackend: threads must be a positive integer, got ${threads} (leave it out for all the machine offers)`,
    );
  guardKernels();
  if (name !== 'auto') return { ...(await start(name, options)), skipped: [] };
  const skipped: { backend: BackendName; reason: string }[] = [];
  for (const backend of candidates) {
    try {
      const started = await start(backend, options, true);
      const hint = backend === 'tensorflow-gpu' || backend === 'webgpu' ? undefined : fasterBackendHint(backend);
      return { ...started, skipped, ...(hint === undefined ? {} : { hint }) };
    } catch (error) {
      skipped.push({ backend, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new Error(`useBackend: no backend starts here: ${skipped.map((s) => `${s.backend} (${s.reason})`).join('; ')}`);
}

/** What one backend needs to run; throws with a reason when it cannot. */
async function start(...given: Parameters<typeof startAlone>): Promise<Omit<BackendReport, 'skipped'>> {
  const started = await startAlone(...given);
  countAxesFromFront();
  return started;
}

async function startAlone(
  name: BackendName,
  options: BackendOptions,
  realDeviceOnly = false,
): Promise<Omit<BackendReport, 'skipped'>> {
  switch (name) {
    case 'tensorflow-gpu':
    case 'tensorflow':
      return startTensorflow(name);
    case 'webgpu':
      return { backend: 'webgpu', threads: 1, device: await startDawn(realDeviceOnly) };
    case 'wasm':
      return startWasm(options);
    case 'cpu':
      if (!(await tf.setBackend('cpu'))) throw new Error("useBackend: tfjs's cpu backend refused to start");
      return { backend: 'cpu', threads: 1, device: 'JavaScript' };
  }
}

async function startWasm({ threads, wasmPath }: BackendOptions): Promise<Omit<BackendReport, 'skipped'>> {
  if (!isNode()) {
    const { loadWasmBackend } = await import('../tf.ts');
    const { setWasmPaths } = await loadWasmBackend();
    // tfjs refuses to be told once its backend exists.
    if (wasmPath !== undefined && runningBackend('wasm') === undefined) setWasmPaths(wasmPath);
    registerGuardedWasm();
    // Its threads start from functions' source text, which a minifier breaks; on an isolated page they would never answer.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!(await tf.setBackend('wasm')))
      throw new Error(
        "useBackend: tfjs's wasm backend refused to start (serve the .wasm files of @tensorflow/tfjs-backend-wasm/dist and say where: useBackend('wasm', { wasmPath: '/wasm/' }))",
      );
    return { backend: 'wasm', threads: 1, device: 'WebAssembly SIMD' };
  }
  if (isDeno()) {
    await startDenoWasm();
    return { backend: 'wasm', threads: 1, device: 'WebAssembly SIMD in Deno' };
  }
  const wanted = threads ?? (await import('node:os')).availableParallelism();
  const count = await startThreadedWasm(wanted);
  return { backend: 'wasm', threads: count, device: `WebAssembly SIMD, ${count} thread${count === 1 ? '' : 's'}` };
}

/** What to install for a faster backend than the one that was found, by the reasons the others gave. */
function fasterBackendHint(found: BackendName): string {
  const wasm = found === 'wasm' ? '' : `For several times this speed: npm install ${installs.wasm}. `;
  return `${wasm}With an NVIDIA GPU: npm install ${installs['tensorflow-gpu']}; with any other: npm install ${installs.webgpu}`;
}
