/**
 * The door to tfjs 4.22.0's private parts: every private field this project touches, and every patch of it, lies in the files of
 * `internals/` and nowhere else. The version is pinned exactly; a change of it has to be checked there.
 */
export { countAxesFromFront } from './internals/cumulative-axis.ts';
export type { TensorHandle } from './internals/handle.ts';
export { guardKernels } from './internals/kernel-guard.ts';
export {
  gradientsOf,
  isRecording,
  offTape,
  recordOperation,
  recordTape,
  saveOnTape,
  type TapeNode,
} from './internals/tape.ts';
export { usesGpu } from './internals/tensorflow-session.ts';
export { detach, fromHandle, peek, replaceData, unshare } from './internals/tensors.ts';
export { wasmHeap } from './internals/wasm-heap.ts';
export { registerGuardedWasm, runningBackend } from './internals/wasm-memory.ts';
export { webgpuDevice } from './internals/webgpu-device.ts';
export { guardDevice } from './internals/webgpu-memory.ts';
export { registerAddNInParts } from './internals/webgpu-repairs.ts';
