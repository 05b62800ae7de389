/** Shape checks shared by the operations: every message names the function, the argument, what came and what was due. */
import type { Tensor } from '@svo/tensor';
import { ShapeError } from '@svo/tensor';

/** Throws unless `tensor` has exactly the `expected` shape (−1 stands for any size). */
export function requireShape(
  where: string,
  name: string,
  tensor: { readonly shape: readonly number[] },
  expected: readonly number[],
): void {
  const fits =
    tensor.shape.length === expected.length &&
    expected.every((size, axis) => size === -1 || size === tensor.shape[axis]);
  if (!fits)
    throw new ShapeError(
      `${where}: ${name} must have shape [${expected.map((n) => (n === -1 ? '·' : n)).join(', ')}], got [${tensor.shape.join(', ')}]`,
    );
}

/** Throws unless `tensor` holds 32-bit integers. */
export function requireIds(where: string, name: string, tensor: Tensor): void {
  if (tensor.dtype !== 'int32')
    throw new TypeError(
      `${where}: ${name} must be int32, got ${tensor.dtype} (make it with tf.tensor1d(ids, 'int32'))`,
    );
}
