/**
 * tfjs's threaded SIMD build of its wasm backend, in Node.
 *
 * tfjs ships that build for browsers: its workers are started from `blob:` addresses, which Node's workers cannot
 * load, so out of the box Node gets one thread without SIMD threads. While the module starts, worker construction is
 * redirected to the same sources on disk; everything is put back before this function returns.
 */
import { loadWasmBackend, tf } from '../tf.ts';
import { registerGuardedWasm } from './internals.ts';

/** Starts the wasm backend with `threads` worker threads and makes it the active one; returns the count in use. */
export async function startThreadedWasm(threads: number): Promise<number> {
  const [nodeModule, path, workerThreads, os] = await Promise.all([
    import('node:module'),
    import('node:path'),
    import('node:worker_threads'),
    import('node:os'),
  ]);
  const require = nodeModule.createRequire(import.meta.url);
  const wasm = await loadWasmBackend();
  registerGuardedWasm();
  const packageFolder = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  const glueFolder = path.join(packageFolder, 'wasm-out');
  const glue = path.join(glueFolder, 'tfjs-backend-wasm-threaded-simd.js');
  const { wasmWorkerContents } = require(path.join(glueFolder, 'tfjs-backend-wasm-threaded-simd.worker.js')) as {
    wasmWorkerContents: string;
  };
  const source = workerSource(wasmWorkerContents, glue, glueFolder);

  const mutableWorkers = require('node:worker_threads') as { Worker: typeof workerThreads.Worker };
  const mutableOs = require('node:os') as { cpus: typeof os.cpus };
  const original = { Worker: mutableWorkers.Worker, cpus: mutableOs.cpus };
  const globalWorker = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  const handlers = crashHandlers();
  const started: InstanceType<typeof workerThreads.Worker>[] = [];

  mutableWorkers.Worker = class extends original.Worker {
    constructor(file: string | URL, options?: import('node:worker_threads').WorkerOptions) {
      const fromBlob = String(file).startsWith('blob:');
      super(fromBlob ? source : file, fromBlob ? { ...options, eval: true, execArgv: [] } : (options ?? {}));
      started.push(this);
    }
  };
  // tfjs's C++ side caps its threads at half of the logical processors it is told about.
  mutableOs.cpus = () => Array.from({ length: Math.max(2 * threads, 2) }, () => original.cpus()[0]!);
  try {
    wasm.setWasmPaths(path.join(packageFolder, 'dist') + path.sep);
    wasm.setThreadsCount(threads);
    tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
    if (!(await tf.setBackend('wasm')))
      throw new Error("useBackend: tfjs's wasm backend refused to start in this process");
    await tf.ready();
  } finally {
    mutableWorkers.Worker = original.Worker;
    mutableOs.cpus = original.cpus;
    if (globalWorker) Object.defineProperty(globalThis, 'Worker', globalWorker);
    else Reflect.deleteProperty(globalThis, 'Worker');
    handlers.restore();
  }
  // The pool must not keep a finished program alive.
  for (const worker of started) worker.unref();
  return wasm.getThreadsCount();
}

/**
 * The pool worker's own script, told where on disk the glue lies, since a `blob:` address means nothing to Node.
 *
 * @throws Error when the script is not the one this was written for.
 */
export function workerSource(contents: string, glue: string, folder: string): string {
  const handler = 'self.onmessage=e=>{';
  if (contents.split(handler).length !== 2)
    throw new Error(
      `useBackend: the worker script of tfjs's wasm backend does not have '${handler}' once, where it is patched (tfjs 4.22.0 does; another version is installed)`,
    );
  const located = contents
    .replace(/\n/g, '\\n')
    .replace(handler, () => `${handler}if(e.data&&e.data.cmd==="load"){e.data.urlOrBlob=${JSON.stringify(glue)}};`);
  return `globalThis.onmessage=null;globalThis.__filename=${JSON.stringify(glue)};globalThis.__dirname=${JSON.stringify(folder)};${located}`;
}

/** Emscripten's start-up code installs process-wide crash handlers; a library may not, so they are taken off again. */
function crashHandlers(): { restore(): void } {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  return {
    restore() {
      events.forEach((event, index) => {
        for (const listener of process.rawListeners(event))
          if (!before[index]!.includes(listener)) process.removeListener(event, listener as () => void);
      });
    },
  };
}
