/** c + op(a) op(b) without a second matrix of c's size, where the backend can. */
import { type Tensor, tf } from '@svo/tensor';

/** The kernel's name. It stands for no operation of its own, so it is none of `kernelNames`. */
export const addProductKernel = 'SvoAddProduct';

/**
 * c + a op(b); c is used up: the caller must have made it, and reads the result in its place. Not differentiable.
 *
 * @param c `[M, N]`
 * @param a `[M, K]`
 * @param b `[K, N]`, or `[N, K]` with `transposeB`
 */
export function addProduct(c: Tensor, a: Tensor, b: Tensor, { transposeB = false }: { transposeB?: boolean }): Tensor {
  if (!tf.getKernel(addProductKernel, tf.getBackend())) return tf.add(c, tf.matMul(a, b, false, transposeB));
  const sum = tf.engine().runKernel(addProductKernel, { c, a, b } as unknown as tf.NamedTensorMap, { transposeB });
  c.dispose();
  return sum as unknown as Tensor;
}
