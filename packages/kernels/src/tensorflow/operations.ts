/** TensorFlow's operations as the kernels here use them, with the attributes that cannot be inferred. */
import type { NativeOps, NativeTensor } from '@svo/tensor';

const keepDims = { keep_dims: true };
const plain = { adj_x: false, adj_y: false };
const transposedLeft = { adj_x: true, adj_y: false };
const transposedRight = { adj_x: false, adj_y: true };

/** The operations a kernel's body needs, over its `NativeOps`. */
export interface Operations {
  add(a: NativeTensor, b: NativeTensor): NativeTensor;
  sub(a: NativeTensor, b: NativeTensor): NativeTensor;
  mul(a: NativeTensor, b: NativeTensor): NativeTensor;
  /** a · c with a number. */
  scale(a: NativeTensor, c: number): NativeTensor;
  /** Matrix products of the last two axes: a b, aᵀ b, a bᵀ. */
  product(a: NativeTensor, b: NativeTensor): NativeTensor;
  productOfTransposed(a: NativeTensor, b: NativeTensor): NativeTensor;
  productWithTransposed(a: NativeTensor, b: NativeTensor): NativeTensor;
  /** The same data under another shape; no copy. */
  reshape(a: NativeTensor, shape: readonly number[]): NativeTensor;
  transpose(a: NativeTensor, axes: readonly number[]): NativeTensor;
  /** Rows `ids` of a table. */
  gather(table: NativeTensor, ids: NativeTensor): NativeTensor;
  /** Sums along an axis that stays, of size 1. */
  sum(a: NativeTensor, axis: number): NativeTensor;
  /** √Σ x² along the last axis of a matrix, in one pass; the axis stays, of size 1. */
  euclideanNorm(a: NativeTensor): NativeTensor;
  /** The two halves of the last axis change places. */
  swapHalves(a: NativeTensor): NativeTensor;
}

export const operations = (ops: NativeOps): Operations => ({
  add: (a, b) => ops.run('AddV2', [a, b]),
  sub: (a, b) => ops.run('Sub', [a, b]),
  mul: (a, b) => ops.run('Mul', [a, b]),
  scale: (a, c) => ops.run('Mul', [a, ops.constant(c, 'float32')]),
  product: (a, b) => ops.run('BatchMatMulV2', [a, b], plain),
  productOfTransposed: (a, b) => ops.run('BatchMatMulV2', [a, b], transposedLeft),
  productWithTransposed: (a, b) => ops.run('BatchMatMulV2', [a, b], transposedRight),
  reshape: (a, shape) => ops.run('Reshape', [a, ops.constant(shape)]),
  transpose: (a, axes) => ops.run('Transpose', [a, ops.constant(axes)]),
  gather: (table, ids) => ops.run('GatherV2', [table, ids, ops.constant(0)]),
  sum: (a, axis) => ops.run('Sum', [a, ops.constant([axis])], keepDims),
  euclideanNorm: (a) => ops.run('EuclideanNorm', [a, ops.constant([1])], keepDims),
  swapHalves: (a) => ops.run('Roll', [a, ops.constant([a.shape.at(-1)! / 2]), ops.constant([a.shape.length - 1])]),
});
