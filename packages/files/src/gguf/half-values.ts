import { fromFloat16 } from '../tensors/half-floats.ts';

let table: Float32Array | undefined;

/** The float32 of each of the 65,536 float16: blocks hold one or two each, and are read by the million. */
export const halfValues = (): Float32Array => {
  table ??= fromFloat16(Uint16Array.from({ length: 65_536 }, (_, bits) => bits));
  return table;
};
