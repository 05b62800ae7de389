export { type Arithmetic, negate } from './arithmetic/arithmetic.ts';
export { closedForm, type Differentiable, type Formula } from './arithmetic/closed-form.ts';
export { evaluate } from './arithmetic/evaluate.ts';
export { assertShapes, type Shaped } from './assert-shapes.ts';
export {
  detach,
  replaceData,
  type ShaderRun,
  type TensorHandle,
  unshare,
  type WasmHeap,
  type WasmMemory,
  type WebgpuDevice,
  wasmHeap,
  webgpuDevice,
} from './backend/internals.ts';
export type { BackendName, BackendOptions, BackendReport } from './backend/report.ts';
export {
  type NativeAttributes,
  type NativeOps,
  type NativeTensor,
  type TensorflowSession,
  tensorflowSession,
} from './backend/tensorflow-internals.ts';
export { useBackend } from './backend/use-backend.ts';
export { customGradient, type WithGradient } from './custom-gradient.ts';
export { globalNorm } from './global-norm.ts';
export { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half-floats.ts';
export { maskedMean, maskedSum } from './masked.ts';
export { reverseMode, type ValueAndGradients } from './reverse-mode.ts';
export {
  decodeElements,
  decodeSafetensors,
  encodeSafetensors,
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
export { sequenceLogps } from './sequence-logps.ts';
export { ShapeError } from './shape-error.ts';
export { logSigmoid, softplus } from './softplus.ts';
export { stepLogps } from './step-logps.ts';
export { stopGradient } from './stop-gradient.ts';
export { parseStrictJson } from './strict-json.ts';
export { type Scalar, type Tensor, tf } from './tf.ts';
export { tokenLogps } from './token-logps.ts';
export { download, type TensorData, type Uploaded, upload } from './transfer.ts';
export { type LossAndMore, type NamedTensors, valueAndGrads } from './value-and-grads.ts';
export { whereValid } from './where-valid.ts';
export { withoutGradient } from './without-gradient.ts';
