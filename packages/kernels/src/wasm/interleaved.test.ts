/** Interleaved weights in every variant of the kernels: the bits of the float32 product, and integer sums that are exact. */
import { type StoredMatrix, storedMatrix, storedNumbers } from '@svo/files';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from '../test-support/backends.ts';
import { type BareKernels, bareKernels, variants } from '../test-support/bare-kernels.ts';
import { createRandom } from '../test-support/random-numbers.ts';
import { stored } from '../test-support/stored-matrices.ts';
import { groupBytes, groupRows, interleavedBytes, storedKinds } from './stored-kinds.ts';

const types = ['F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1'] as const;
const quantized = ['Q8_0', 'Q4_0', 'Q4_1'] as const;

/** The matrix interleaved, and how many of its rows were odd. */
function interleaved(kernels: BareKernels, matrix: StoredMatrix): { base: number; group: number; odd: number } {
  const { dtype, shape, rowBytes, bytes } = matrix;
  const [N, K] = shape;
  const kind = storedKinds[dtype]!;
  const group = groupBytes(kind, K)!;
  const [from, base, counter] = [
    kernels.block(bytes.length, bytes),
    kernels.block(interleavedBytes(dtype, shape)),
    kernels.block(4),
  ];
  kernels.run('interleave', Math.ceil(N / groupRows), [kind.number, N, K, rowBytes, from, base, group, counter]);
  return { base, group, odd: new Int32Array(kernels.floats(counter, 1).buffer)[0]! };
}

function product(kernels: BareKernels, matrix: StoredMatrix, x: Float32Array, width: 8 | 16): Float32Array {
  const [N, K] = matrix.shape;
  const M = x.length / K;
  const { base, group } = interleaved(kernels, matrix);
  const [a, c] = [kernels.block(x.byteLength, x), kernels.block(M * N * 4)];
  const step = 2;
  kernels.run('interleaved', Math.ceil(N / groupRows / step), [
    storedKinds[matrix.dtype]!.number,
    M,
    N,
    K,
    a,
    base,
    c,
    step,
    group,
    width,
  ]);
  return kernels.floats(c, M * N);
}

/** The same from float32 weights, by the product for few rows. */
function floatProduct(kernels: BareKernels, matrix: StoredMatrix, x: Float32Array): Float32Array {
  const [N, K] = matrix.shape;
  const M = x.length / K;
  const weights = storedNumbers(matrix);
  const [a, b, c] = [
    kernels.block(x.byteLength, x),
    kernels.block(weights.byteLength, weights),
    kernels.block(M * N * 4),
  ];
  const packTasks = M === 1 ? 0 : Math.ceil(M / 8);
  const panels = kernels.block(packTasks * 8 * K * 4);
  const step = M === 1 ? 16 : 6;
  kernels.run('rows', packTasks + Math.ceil(N / step), [M, N, K, a, b, c, step, panels, packTasks, 8, N, 0, 0]);
  return kernels.floats(c, M * N);
}

const int8 = (kernels: BareKernels, matrix: StoredMatrix, x: Float32Array): Float32Array => {
  const [N, K] = matrix.shape;
  const M = x.length / K;
  const { base, group } = interleaved(kernels, matrix);
  const [from, a, c] = [kernels.block(x.byteLength, x), kernels.block((M * K * 80) / 32), kernels.block(M * N * 4)];
  kernels.run('quantize', M, [M, K, from, a, 1]);
  kernels.run('quantized', Math.ceil(N / groupRows), [
    storedKinds[matrix.dtype]!.number,
    M,
    N,
    K,
    a,
    base,
    c,
    1,
    group,
  ]);
  return kernels.floats(c, M * N);
};

const half = (value: number): number => {
  const even = Math.floor(value);
  const rest = value - even;
  return rest === 0.5 ? even + (even & 1) : Math.round(value);
};

/** A row rounded to int8 in blocks of 32, as float64. */
function rounded(row: Float32Array): number[] {
  return Array.from(row, (_, k) => {
    const from = k - (k % 32);
    const largest = Math.max(...row.subarray(from, from + 32).map(Math.abs));
    if (!(largest > 1e-30)) return 0;
    return half(Math.fround(row[k]! * Math.fround(127 / largest))) * (largest / 127);
  });
}

/** x Wᵀ in float64, of rounded rows. */
function reference(matrix: StoredMatrix, x: Float32Array): number[] {
  const [N, K] = matrix.shape;
  const weights = storedNumbers(matrix);
  return Array.from({ length: x.length / K }, (_, m) => rounded(x.subarray(m * K, (m + 1) * K))).flatMap((row) =>
    Array.from({ length: N }, (_, n) => row.reduce((sum, value, k) => sum + value * weights[n * K + k]!, 0)),
  );
}

describe.each(variants)('%s', (variant) => {
  it.each(types)('%s: the bits of the float32 product, for any rows', async (dtype) => {
    for (const [N, K] of [
      [33, 160],
      [16, 32],
      [5, 288],
      ...(dtype === 'F16' || dtype === 'BF16'
        ? ([
            [19, 134],
            [3, 2],
          ] as const)
        : []),
    ] as const)
      for (const M of [1, 2, 7, 13]) {
        const kernels = await bareKernels(variant);
        const matrix = stored(dtype, [N, K], N + K);
        const x = createRandom(M).normal(M * K);
        const rows = Float32Array.from(x);
        for (const width of [8, 16] as const)
          expectSameBits(product(kernels, matrix, rows, width), floatProduct(kernels, matrix, rows), `${[M, N, K]}`);
      }
  });

  it.each(quantized)('%s: rows rounded to int8 multiply as in float64', async (dtype) => {
    for (const [M, N, K] of [
      [1, 33, 160],
      [3, 16, 32],
      [5, 7, 288],
    ] as const) {
      const kernels = await bareKernels(variant);
      const matrix = stored(dtype, [N, K], N + K);
      const x = Float32Array.from(createRandom(M).normal(M * K), (value, i) => (i < 32 ? 0 : value));
      const found = int8(kernels, matrix, x);
      const due = reference(matrix, x);
      const scale = Math.max(...due.map(Math.abs), 1);
      for (const [i, value] of due.entries()) expect(Math.abs(found[i]! - value) / scale, `${i}`).toBeLessThan(1e-5);
    }
  });

  it('integers at the ends of their range are summed exactly', async () => {
    const kernels = await bareKernels(variant);
    // Scale 1, quants −128 and 127 in turn by row.
    const bytes = Uint8Array.from({ length: 2 * 34 }, (_, i) =>
      i % 34 === 0 ? 0 : i % 34 === 1 ? 0x3c : i < 34 ? 0x80 : 0x7f,
    );
    const x = Float32Array.from({ length: 32 }, () => -127);
    const found = int8(kernels, storedMatrix(bytes, 'Q8_0', [2, 32]), x);
    expect([...found]).toEqual([32 * 128 * 127, -32 * 127 * 127]);
  });

  it('numbers that are not finite: rows are not silently finite, and float16 weights are counted', async () => {
    const kernels = await bareKernels(variant);
    const matrix = stored('Q8_0', [3, 64], 1);
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const x = new Float32Array(64).fill(1);
      x[40] = wrong;
      expect([...int8(kernels, matrix, x)].every(Number.isNaN)).toBe(true);
    }
    const odd = new Uint8Array(3 * 8);
    odd[9] = 0x7c;
    expect(interleaved(kernels, storedMatrix(odd, 'F16', [3, 4])).odd).toBe(1);
  });
});
