/** One .wasm file by itself in a memory of its own: every variant can be tried, whichever this engine would choose. */
import { readFile } from 'node:fs/promises';
import type { WasmMemory } from '@svo/tensor';
import { controlBytes, type Job, jobs, slots } from '../wasm/jobs.ts';
import { createInstance, createModule } from '../wasm/webassembly.ts';

export const variants = ['kernels', 'kernels-relaxed', 'kernels-threads', 'kernels-threads-relaxed'] as const;

/** A module on one thread. */
export interface BareKernels {
  /** A block of memory that begins with these bytes, or zeros. */
  readonly block: (bytes: number, values?: ArrayBufferView) => number;
  readonly floats: (at: number, count: number) => Float32Array;
  readonly run: (job: Job, tasks: number, values: readonly number[]) => void;
}

const pages = 256;
const scratchBytes = 1 << 20;

export async function bareKernels(variant: (typeof variants)[number]): Promise<BareKernels> {
  const shared = variant.includes('threads');
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: new (sizes: object) => WasmMemory };
  };
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared });
  const bytes = await readFile(new URL(`../../wasm/${variant}.wasm`, import.meta.url));
  const { prepare, run } = createInstance(createModule(bytes), memory, () => undefined as never);
  const control = 4096;
  const words = new Int32Array(memory.buffer, control, controlBytes / 4);
  let end = control + 4096;
  const block = (size: number, values?: ArrayBufferView): number => {
    const at = end;
    end += (size + 63) & ~63;
    if (end > memory.buffer.byteLength) throw new Error('bareKernels: more pages are needed');
    if (values)
      new Uint8Array(memory.buffer, at).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return at;
  };
  words[slots.scratch / 4] = block(scratchBytes);
  words[slots.scratchBytes / 4] = scratchBytes;
  prepare(control);
  return {
    block,
    floats: (at, count) => new Float32Array(memory.buffer, at, count).slice(),
    run(job, tasks, values) {
      words.set(values, slots.values / 4);
      run(control, jobs[job], tasks);
    },
  };
}
