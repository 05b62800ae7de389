import { type Tensor, tf } from '@svo/tensor';

/** x Wᵀ + b for `x` [N, K], `weight` [M, K], `bias` [M]: plain tfjs, on every backend. */
export function linearComposite(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const product = tf.matMul(x, weight, false, true);
  return bias === undefined ? product : tf.add(product, bias);
}
