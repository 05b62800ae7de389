/** Who multiplies matrices: chosen by the processor's features and what is installed, never by a clock. */
import type { CompiledKernels } from '../wasm/compile.ts';
import { type KernelEngine, startEngine } from '../wasm/engine.ts';
import { createGemm, type EngineName, fewRows, type MatrixEngine } from '../wasm/gemm.ts';
import { cpuFlags, hasAvx512 } from './cpu.ts';
import { onnxruntimeEngine } from './onnxruntime.ts';
import { loadOnnxRuntime } from './onnxruntime-library.ts';
import { findOpenblas, openblasGemm } from './openblas.ts';

/** What `engine` may be. */
export const engineNames = ['auto', 'wasm', 'openblas', 'onnxruntime'] as const;
export type WantedEngine = (typeof engineNames)[number];

/** A started engine, and why it is this one. */
export interface StartedEngine {
  readonly engine: KernelEngine;
  readonly matrices: MatrixEngine;
  readonly reason: string;
}

/** The engines to try in turn, and what about this machine puts them in this order. */
export function candidates(
  wanted: WantedEngine,
  paired: boolean,
  flags: ReadonlySet<string>,
): { readonly order: readonly EngineName[]; readonly because: string } {
  if (wanted !== 'auto') return { order: [wanted], because: 'asked for' };
  if (hasAvx512(flags)) return { order: ['onnxruntime', 'wasm'], because: 'the processor has AVX-512' };
  if (paired) return { order: ['wasm'], because: 'V8 pairs vectors to the width of this processor' };
  return { order: ['onnxruntime', 'openblas', 'wasm'], because: 'V8 does not pair vectors here' };
}

/** Starts the kernels' threads and the first engine that can be had. */
export async function startMatrices(
  wanted: WantedEngine,
  threads: number,
  compiled: CompiledKernels,
): Promise<StartedEngine> {
  const { order, because } = candidates(wanted, compiled.paired, await cpuFlags());
  const absent: string[] = [];
  for (const name of order.slice(0, -1)) {
    try {
      const { what, ...started } = await starters[name](threads, compiled);
      return { ...started, reason: [because, what, ...absent].join('; ') };
    } catch {
      absent.push(`${name} is not to be had`);
    }
  }
  const { what, ...started } = await starters[order.at(-1)!](threads, compiled);
  return { ...started, reason: [because, what, ...absent].filter(Boolean).join('; ') };
}

type Starter = (
  threads: number,
  compiled: CompiledKernels,
) => Promise<{ readonly engine: KernelEngine; readonly matrices: MatrixEngine; readonly what: string }>;

const nothing = (): void => {};
const isFew = (M: number): boolean => M <= fewRows;

const starters: Readonly<Record<EngineName, Starter>> = {
  async wasm(threads, compiled) {
    const engine = await startEngine({ threads, compiled });
    const multiply = createGemm(engine);
    return { engine, matrices: { name: 'wasm', multiply, packs: true, oursTakes: isFew, stop: nothing }, what: '' };
  },
  async openblas(threads, compiled) {
    const { library, core } = await findOpenblas();
    const engine = await startEngine({ threads, compiled, library });
    const multiply = openblasGemm(engine, createGemm(engine));
    return {
      engine,
      matrices: { name: 'openblas', multiply, packs: false, oursTakes: isFew, stop: nothing },
      what: `${library} for ${core}`,
    };
  },
  async onnxruntime(threads, compiled) {
    const runtime = await loadOnnxRuntime().catch((error: unknown) => {
      throw new Error(
        "installKernels: engine 'onnxruntime' needs the packages onnxruntime-node and koffi (npm install onnxruntime-node@1.30.0 koffi@3.3.4)",
        { cause: error },
      );
    });
    const engine = await startEngine({ threads, compiled });
    const matrices = onnxruntimeEngine(runtime, engine.heap, engine.threads, createGemm(engine));
    return { engine, matrices, what: `onnxruntime ${runtime.version}` };
  },
};
