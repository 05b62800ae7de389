/** c + op(a) op(b) without a second matrix of c's size, where the backend can. */
import { type Tensor, tf } from '@svo/tensor';
import { hasKernel, runKernel } from './kernel-calls.ts';

/**
 * c + a op(b); c is used up: the caller must have made it, and reads the result in its place. Not differentiable.
 *
 * @param c `[M, N]`
 * @param a `[M, K]`
 * @param b `[K, N]`, or `[N, K]` with `transposeB`
 */
export function addProduct(c: Tensor, a: Tensor, b: Tensor, { transposeB = false }: { transposeB?: boolean }): Tensor {
  if (!hasKernel('SvoAddProduct')) return tf.add(c, tf.matMul(a, b, false, transposeB));
  const [sum] = runKernel('SvoAddProduct', { c, a, b }, { transposeB });
  c.dispose();
  return sum!;
}
