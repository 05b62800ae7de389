// GGUF
export { type GgufSource, ggufChunks } from './gguf/chunks.ts';
export { dequantize, readableGgmlTypes } from './gguf/dequantize.ts';
export { type GgufHeader, type GgufTensor, parseGgufHeader } from './gguf/header.ts';
export type { GgufMetadata, GgufNumbers, GgufScalarType, GgufValue } from './gguf/metadata.ts';
export { quantize, type WritableGgmlType } from './gguf/quantize.ts';

// JSON
export { parseStrictJson } from './json/strict-json.ts';

// options
export { assertOptions } from './options/assert-options.ts';

// tensors
export { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './tensors/half-floats.ts';
export {
  decodeElements,
  decodeSafetensors,
  encodeSafetensors,
  type ReadableDtype,
  type SafetensorsOptions,
  safetensorsChunks,
} from './tensors/safetensors.ts';
export {
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type StoredTensor,
  safetensorsHeaderLength,
} from './tensors/safetensors-header.ts';
export {
  quantizeRows,
  type StoredMatrix,
  storedMatrix,
  storedNumbers,
  storedRowBytes,
} from './tensors/stored-matrix.ts';
export type { TensorData } from './tensors/tensor-data.ts';

// whole or not at all
export type { Content } from './whole/durable.ts';
export { jsonFile, type NewFile, removeFolder, wholeFolder, writeFolder } from './whole/write-folder.ts';
export { writeWhole } from './whole/write-whole.ts';
