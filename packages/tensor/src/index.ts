export { detach, replaceData, type TensorHandle, type WasmHeap, type WasmMemory, wasmHeap } from './backend/internals.ts';
export type { BackendName, BackendOptions, BackendReport } from './backend/report.ts';
export { useBackend } from './backend/use-backend.ts';
export { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half-floats.ts';
export {
  decodeElements,
  decodeSafetensors,
  encodeSafetensors,
  type HostTensor,
  type ReadableDtype,
  type SafetensorsOptions,
  safetensorsChunks,
} from './safetensors.ts';
export {
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type StoredTensor,
  safetensorsHeaderLength,
} from './safetensors-header.ts';
export { ShapeError } from './shape-error.ts';
export { parseStrictJson } from './strict-json.ts';
export { type Scalar, type Tensor, tf } from './tf.ts';
