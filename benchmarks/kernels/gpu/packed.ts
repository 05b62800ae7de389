/** Frozen matrices in the widths that shaders read. */
import { quantizeRows, type StoredMatrix, storedMatrix } from '@svo/files';

/** bf16, f16, 8 bits and 4 bits. */
export const packedDtypes = ['BF16', 'F16', 'Q8_0', 'Q4_0'] as const;
export type PackedDtype = (typeof packedDtypes)[number];

export const packed = (values: Float32Array, shape: readonly [number, number], dtype: PackedDtype): StoredMatrix =>
  storedMatrix(quantizeRows(values, shape[1], dtype), dtype, shape);
