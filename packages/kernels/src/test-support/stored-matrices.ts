/** Matrices of every stored type to test with. */
import { quantizeRows, type StoredMatrix, storedMatrix, storedNumbers, type WritableGgmlType } from '@svo/files';
import { type Tensor, tf } from '@svo/tensor';
import { createRandom } from './random-numbers.ts';

/** Types written here, and two whose blocks are random bits with given scales: one that wasm reads, one that the host reads. */
export const dtypes = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q6_K'] as const;
export type Dtype = (typeof dtypes)[number];

const half = (bytes: Uint8Array, at: number, bits: number): void => {
  bytes[at] = bits & 255;
  bytes[at + 1] = bits >> 8;
};

/** Random numbers in a type, every third row of them near the least that a half float has. */
export function stored(dtype: Dtype, [rows, columns]: readonly [number, number], seed: number): StoredMatrix {
  const random = createRandom(seed);
  if (dtype !== 'Q4_1' && dtype !== 'Q6_K') {
    const values = Float32Array.from(random.normal(rows * columns), (x, i) =>
      Math.floor(i / columns) % 3 === 1 ? x * 2 ** -15 : x,
    );
    return storedMatrix(quantizeRows(values, columns, dtype as WritableGgmlType), dtype, [rows, columns]);
  }
  const [block, blockBytes] = dtype === 'Q4_1' ? [32, 20] : [256, 210];
  const blocks = rows * Math.ceil(columns / block!);
  const bytes = Uint8Array.from(random.normal(blocks * blockBytes!), (x) => Math.floor(Math.abs(x) * 997) & 255);
  for (let b = 0; b < blocks; b++) {
    // 2⁻⁴ and −2⁻¹ · (1 + b / 1024); 2⁻¹⁰ for the other.
    if (dtype === 'Q4_1')
      for (const [at, bits] of [
        [0, 0x2c00],
        [2, 0xb800 + (b & 1023)],
      ])
        half(bytes, b * 20 + at!, bits!);
    else half(bytes, b * 210 + 208, 0x1400);
  }
  return storedMatrix(bytes, dtype, [rows, columns]);
}

/** The numbers that a matrix stands for, as a tensor. */
export const floats = (matrix: StoredMatrix): Tensor => tf.tensor2d(storedNumbers(matrix), [...matrix.shape]);
