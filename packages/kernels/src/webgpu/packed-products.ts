/** Products with a matrix that stays packed: its numbers become float32 on their way into a workgroup's tile. */
import type { TensorHandle, WebgpuDevice } from '@svo/tensor';
import type { Block } from './head.ts';
import { depth, type LeftSizes, multiply, type RightSide } from './matmul.ts';
import type { PackedMatrix, PackedSlice } from './packed-matrix.ts';
import { packedUniforms } from './packed-types.ts';
import { grid, runShader, type Shader } from './shader.ts';

/** Four numbers at a time go into a tile: W `[N, K]` read along the depth for x Wᵀ, W `[K, N]` across it for g W. */
const packedRight = ({ dtype, type }: PackedMatrix, transposed: boolean): RightSide => ({
  name: `-${dtype}-${transposed ? 'T' : 'N'}`,
  element: 'u32',
  integers: packedUniforms,
  declarations: type.four,
  load(tile) {
    const perRow = (transposed ? depth : tile) / 4;
    const [along, across] = [`(at % ${perRow}) * 4`, `at / ${perRow}`];
    const [row, column] = transposed ? ['j0 + j', 'k0 + k'] : ['k0 + k', 'j0 + j'];
    // What fills up a row's last block is no zero, and may be no number.
    const numbers = transposed
      ? `select(vec4f(), four(${row}, ${column}), vec4i(${column}) + vec4i(0, 1, 2, 3) < vec4i(u.K))`
      : `four(${row}, ${column})`;
    const places = [0, 1, 2, 3].map((i) => (transposed ? `(k + ${i}) * ${tile} + j` : `k * ${tile} + j + ${i}`));
    return `
    for (var n = 0; n < ${(tile * depth) / 1024}; n++) {
      let at = lane + n * 256;
      let k = ${transposed ? along : across};
      let j = ${transposed ? across : along};
      var numbers = vec4f();
      if (j0 + j < u.N && k0 + k < u.K) { numbers = ${numbers}; }
      ${places.map((place, i) => `tileB[${place}] = numbers[${i}];`).join(' ')}
    }`;
  },
});

/** The product with each slice of the matrix, one after another. */
function withSlices(
  device: WebgpuDevice,
  matrix: PackedMatrix,
  transposed: boolean,
  [left, into]: readonly [TensorHandle, TensorHandle],
  sizesOf: (slice: PackedSlice) => LeftSizes,
): void {
  const right = packedRight(matrix, transposed);
  for (const slice of matrix.slices)
    multiply(device, right, [left, slice.words, into], sizesOf(slice), [matrix.pitch, slice.heads]);
}

/** into = x Wᵀ: a block of the rows of `x` `[·, K]`, to the beginning of `into` `[·, N]`. */
export function timesTransposed(
  device: WebgpuDevice,
  matrix: PackedMatrix,
  [x, into]: readonly [TensorHandle, TensorHandle],
  { rows: M, first }: Block,
): void {
  const [K, strideC] = [x.shape[1]!, into.shape[1]!];
  const left = { M, K, transposeA: false, startA: first * K, strideC };
  withSlices(device, matrix, true, [x, into], ({ from, rows: N }) => ({ ...left, N, startC: from }));
}

/** into = g W: rows from the beginning of `g` `[·, N]`, to a block of those of `into` `[·, K]`. A slice is added to those before. */
export function times(
  device: WebgpuDevice,
  matrix: PackedMatrix,
  [g, into]: readonly [TensorHandle, TensorHandle],
  { rows: M, first }: Block,
): void {
  const [strideA, N] = [g.shape[1]!, into.shape[1]!];
  const left = { M, N, transposeA: false, strideA, startC: first * N };
  withSlices(device, matrix, false, [g, into], ({ from, rows: K }) => ({ ...left, K, startA: from, adds: from > 0 }));
}

/** y[n] = W[ids[n]] of the rows of one slice, four numbers an invocation; with the first slice, 0 for the others. */
const gather = ({ dtype, type }: PackedMatrix): Shader => ({
  name: `packed-gather-${dtype}`,
  buffers: { ids: 'i32', b: 'u32', y: 'write f32' },
  integers: ['count', 'fours', 'D', 'begin', 'rows', ...packedUniforms],
  declarations: type.four,
  body: `
  let i = row(group) * 64 + lane;
  if (i >= u.count) { return; }
  let n = i / u.fours;
  let column = (i % u.fours) * 4;
  let id = ids[n] - u.begin;
  let here = id >= 0 && id < u.rows;
  if (!here && u.begin > 0) { return; }
  var numbers = vec4f();
  if (here) { numbers = four(id, column); }
  for (var j = 0; j < min(4, u.D - column); j++) { y[n * u.D + column + j] = numbers[j]; }`,
});

/** y = W[ids], `[count, D]`. */
export function gathered(
  device: WebgpuDevice,
  matrix: PackedMatrix,
  [ids, y]: readonly [TensorHandle, TensorHandle],
): void {
  const [count, D] = y.shape as [number, number];
  const fours = Math.ceil(D / 4);
  for (const { words, from, rows, heads } of matrix.slices) {
    const numbers = [count * fours, fours, D, from, rows, matrix.pitch, heads];
    runShader(device, gather(matrix), [ids, words, y], numbers, grid(Math.ceil((count * fours) / 64)));
  }
}
