/** The part of the WebAssembly interface used here: its types belong to the DOM library, which this project leaves out. */
import type { WasmMemory } from '@svo/tensor';
import type { ForeignTask } from './sgemm-tasks.ts';

/** A compiled module; opaque. */
export type WasmModule = object;

/** What the AssemblyScript side exports. */
export interface KernelExports {
  /** Fills the control block's fixed part: once, before any job and any worker. */
  prepare(control: number): void;
  /** Runs one job with whoever is there: the caller and the workers that serve `control`. */
  run(control: number, kind: number, tasks: number): void;
  stop(control: number): void;
}

interface WebAssemblyNamespace {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory; foreign: ForeignTask } },
  ) => { readonly exports: KernelExports };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyNamespace };

/** A module whose only function is one relaxed multiply-add: valid exactly where the engine has relaxed SIMD. */
const relaxedProbe = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00, 0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
);

/** Does the engine have relaxed SIMD, whose multiply-add rounds once and is twice as fast? */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(relaxedProbe);

export const createModule = (bytes: Uint8Array): WasmModule => new WebAssembly.Module(bytes);

export const createInstance = (module: WasmModule, memory: WasmMemory, foreign: ForeignTask): KernelExports =>
  new WebAssembly.Instance(module, { env: { memory, foreign } }).exports;
