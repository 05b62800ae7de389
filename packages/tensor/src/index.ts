// Backends and their memory.

export { DeviceLostError } from './backend/device-lost.ts';
export type { TensorHandle } from './backend/internals/handle.ts';
export {
  type NativeAttributes,
  type NativeOps,
  type NativeTensor,
  type TensorflowSession,
  tensorflowSession,
} from './backend/internals/tensorflow-session.ts';
export { replaceData, unshare } from './backend/internals/tensors.ts';
export { type WasmHeap, wasmHeap } from './backend/internals/wasm-heap.ts';
export type { WasmMemory } from './backend/internals/wasm-memory.ts';
export { type ShaderRun, type WebgpuDevice, webgpuDevice } from './backend/internals/webgpu-device.ts';
export { type MemoryRequest, OutOfMemoryError } from './backend/out-of-memory.ts';
export { runsOnHost } from './backend/placement.ts';
export type { BackendName, BackendOptions, BackendReport } from './backend/report.ts';
export { useBackend } from './backend/use-backend.ts';

// Gradients.

export { isRecording } from './backend/internals/tape.ts';
export { type Computed, computedScalar, computedTensor, readNumbers } from './gradients/computed.ts';
export { customGradient, type WithGradient } from './gradients/custom-gradient.ts';
export { recompute } from './gradients/recompute.ts';
export { reverseMode, type ValueAndGradients } from './gradients/reverse-mode.ts';
export { stopGradient } from './gradients/stop-gradient.ts';
export { type LossAndMore, type Params, valueAndGrads } from './gradients/value-and-grads.ts';
export { withoutGradient } from './gradients/without-gradient.ts';

// Operations.

export { globalNorm } from './operations/global-norm.ts';
export { maskedMean, maskedSum } from './operations/masked.ts';
export { sequenceLogps } from './operations/sequence-logps.ts';
export { logSigmoid, softplus } from './operations/softplus.ts';
export { stepLogps } from './operations/step-logps.ts';
export { tokenLogps } from './operations/token-logps.ts';
export { whereValid } from './operations/where-valid.ts';

// Arguments and shapes.

export { assertOptions } from '@svo/files';
export { assertShapes, type Shaped } from './shapes/assert-shapes.ts';
export { ShapeError } from './shapes/shape-error.ts';

// Tensors, up and down.

export { type Scalar, type Tensor, tf } from './tf.ts';
export { download, type Uploaded, upload } from './transfer.ts';
