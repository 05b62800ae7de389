/** tfjs's wasm heap, opened for kernels of our own. */
import { tf } from '../../tf.ts';
import type { TensorHandle } from './handle.ts';
import type { WasmBackend, WasmMemory } from './wasm-memory.ts';

export type { WasmMemory } from './wasm-memory.ts';

/** tfjs's wasm heap, opened for kernels of our own. */
export interface WasmHeap {
  readonly memory: WasmMemory;
  /** True when the memory is a SharedArrayBuffer other threads can compute in. */
  readonly shared: boolean;
  /** Threads tfjs's own kernels run on. */
  readonly threads: number;
  /** Byte address of a tensor's data. */
  pointer(tensor: TensorHandle): number;
  /** A new, uninitialised tensor. */
  output(shape: readonly number[], dtype?: 'float32' | 'int32'): TensorHandle;
  /** The same data under a second handle: no copy, one reference more. */
  alias(tensor: TensorHandle, shape: number[]): TensorHandle;
  /** Frees a handle made by `output`. */
  release(tensor: TensorHandle): void;
  /** Raw bytes that belong to no tensor; throws an `OutOfMemoryError` when the 4 GiB are used up. */
  allocate(bytes: number): number;
  free(pointer: number): void;
}

/** Opens the active wasm backend's heap; throws when another backend is active. */
export function wasmHeap(): WasmHeap {
  if (tf.getBackend() !== 'wasm')
    throw new Error(
      `wasmHeap: the wasm backend must be active, got '${tf.getBackend()}' (call useBackend('wasm') first)`,
    );
  const backend = tf.backend() as unknown as WasmBackend;
  const { wasm } = backend;
  const memory = wasm.wasmMemory ?? wasm.asm.memory;
  return {
    memory,
    shared: wasm.wasmMemory !== undefined,
    threads: wasm.tfjs.getThreadsCount(),
    pointer: (tensor) => backend.dataIdMap.get(tensor.dataId).memoryOffset,
    output: (shape, dtype = 'float32') => backend.makeOutput(shape, dtype),
    alias(tensor, shape) {
      backend.incRef(tensor.dataId);
      return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
    },
    release: (tensor) => void backend.disposeData(tensor.dataId),
    allocate: (bytes) => wasm._malloc(bytes),
    free: (pointer) => wasm._free(pointer),
  };
}
