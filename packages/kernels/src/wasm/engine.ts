/** The kernels at work inside tfjs's heap: one instance here, one in each worker thread, jobs through shared memory. */
import { type WasmHeap, wasmHeap } from '@svo/tensor';
import type { CompiledKernels } from './compile.ts';
import { controlBytes, type Job, jobs, slots } from './jobs.ts';
import { sgemmTasks } from './sgemm-tasks.ts';
import { createInstance } from './webassembly.ts';

/** Runs jobs on tfjs's wasm heap. */
export interface KernelEngine {
  readonly heap: WasmHeap;
  readonly threads: number;
  readonly relaxedSimd: boolean;
  /** Does V8 pair vectors of four into vectors of eight? */
  readonly paired: boolean;
  /** Columns of a packed panel: 16 where the engine pairs vectors or has registers enough, otherwise 8. */
  readonly width: 8 | 16;
  /** Runs `tasks` tasks of a job, `scratch` bytes of private memory for each thread. */
  run(job: Job, tasks: number, values: readonly number[], scratch?: number): void;
  /** A block of heap that holds until the next call with a larger size; for data that lives within one operation. */
  workspace(slot: Slot, bytes: number): number;
  /** A block of heap that holds until it is freed, or the engine stops. */
  allocate(bytes: number): number;
  free(block: number): void;
  /** Ends the workers and frees the memory. */
  stop(): Promise<void>;
}

/** What a block of heap is kept for: B in panels, logits, partial sums, rows of weights as they are stored. */
type Slot = 'panels' | 'rows' | 'sums' | 'stored';

/** How a worker polls for the next job before it sleeps: about 50 µs, a little more than tfjs takes between two kernels. */
const spins = 40_000;

/** Every task may use so much scratch without asking. */
const leastScratch = 1 << 16;
/** What an engine is started with. */
export interface EngineOptions {
  readonly threads: number;
  readonly compiled: CompiledKernels;
  /** The name of an OpenBLAS library that every thread is to open, for `foreign` jobs. */
  readonly library?: string | undefined;
}

/** Starts the kernels on the active wasm backend's heap, with `threads` − 1 workers. */
export async function startEngine(options: EngineOptions): Promise<KernelEngine> {
  const heap = wasmHeap();
  const threads = heap.shared ? options.threads : 1;
  const { library, compiled } = options;
  const { module, relaxedSimd, paired } = compiled;
  const foreign = library === undefined ? noForeign : await sgemmTasks(heap.memory, library);
  const { prepare, run, stop } = createInstance(module, heap.memory, foreign);
  const control = aligned(heap.allocate(controlBytes + 64));

  let words = new Int32Array(heap.memory.buffer, control, controlBytes / 4).fill(0);
  const view = (): Int32Array => {
    // Memory that is not shared is replaced when it grows.
    if (words.length === 0) words = new Int32Array(heap.memory.buffer, control, controlBytes / 4);
    return words;
  };

  prepare(control);

  /** Makes a block at least so large, by giving it back and taking another: its numbers live within one operation. */
  const enlarge = (block: Block, bytes: number): void => {
    if (bytes <= block.size) return;
    if (block.base !== 0) heap.free(block.base);
    // Noted at once: where there is no room for the larger one, there is none left.
    Object.assign(block, { base: 0, size: 0 });
    block.base = heap.allocate(bytes + 64);
    block.size = bytes;
  };
  const scratch: Block = { base: 0, size: 0 };
  const growScratch = (bytes: number): void => {
    const each = (Math.max(bytes, leastScratch) + 4095) & ~4095;
    if (each * threads <= scratch.size) return;
    enlarge(scratch, each * threads);
    view()[slots.scratch / 4] = aligned(scratch.base);
    view()[slots.scratchBytes / 4] = each;
  };
  growScratch(leastScratch);

  const spaces: Record<Slot, Block> = {
    panels: { base: 0, size: 0 },
    rows: { base: 0, size: 0 },
    sums: { base: 0, size: 0 },
    stored: { base: 0, size: 0 },
  };
  /** Blocks that outlive an operation: where each was taken from, by where it begins. */
  const lasting = new Map<number, number>();
  const free = (block: number): void => {
    const base = lasting.get(block);
    if (base === undefined) return;
    lasting.delete(block);
    heap.free(base);
  };
  const workers = await startWorkers(threads - 1, { module, memory: heap.memory, control, spins, library });

  return {
    heap,
    threads,
    relaxedSimd,
    paired,
    width: paired || manyRegisters() ? 16 : 8,
    run(job, tasks, values, bytes = 0) {
      growScratch(bytes);
      view().set(values, slots.values / 4);
      run(control, jobs[job], tasks);
    },
    workspace(slot, bytes) {
      const space = spaces[slot];
      enlarge(space, bytes);
      return aligned(space.base);
    },
    allocate(bytes) {
      const base = heap.allocate(bytes + 64);
      lasting.set(aligned(base), base);
      return aligned(base);
    },
    free,
    async stop() {
      stop(control);
      await Promise.all(workers.map((worker) => worker.terminate()));
      for (const { base } of [scratch, ...Object.values(spaces)]) if (base !== 0) heap.free(base);
      for (const block of [...lasting.keys()]) free(block);
    },
  };
}

/** A piece of the heap that is made larger when it has to be. */
interface Block {
  base: number;
  size: number;
}

/** The first address from here on that a cache line starts at: addresses above 2 GiB are no signed numbers. */
const aligned = (pointer: number): number => ((pointer + 63) & ~63) >>> 0;

/** ARM has 32 vector registers of four: enough for 6 × 16 sums without pairing. */
const manyRegisters = (): boolean => typeof process !== 'undefined' && process.arch === 'arm64';

const noForeign = (): never => {
  throw new Error('a foreign job without a library');
};

/** A worker's whole program: its own instance over the same memory, serving jobs. */
const workerProgram = `
const { parentPort, workerData: d } = require('node:worker_threads');
const serve = (foreign) => {
  const { exports } = new WebAssembly.Instance(d.module, { env: { memory: d.memory, foreign } });
  parentPort.postMessage('ready');
  exports.serve(d.control, d.index, d.spins);
};
if (d.library === undefined) serve(() => {});
else import(d.tasks).then(({ sgemmTasks }) => sgemmTasks(d.memory, d.library)).then(serve);
`;

async function startWorkers(count: number, data: object): Promise<import('node:worker_threads').Worker[]> {
  if (count <= 0) return [];
  const { Worker } = await import('node:worker_threads');
  // The same file, as source or compiled, as this one.
  const tasks = new URL(`./sgemm-tasks${import.meta.url.slice(-3)}`, import.meta.url).href;
  const workers = Array.from(
    { length: count },
    (_, i) => new Worker(workerProgram, { eval: true, execArgv: [], workerData: { ...data, tasks, index: i + 1 } }),
  );
  try {
    await Promise.all(
      workers.map((worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))),
    );
  } catch (error) {
    for (const worker of workers) void worker.terminate();
    throw error;
  }
  for (const worker of workers) worker.unref();
  return workers;
}
