import { type Tensor, tf } from '@svo/tensor';

/** Rows of `weight` [V, D] picked by `ids` [N]: plain tfjs, on every backend. */
export function embeddingComposite(weight: Tensor, ids: Tensor): Tensor {
  return tf.gather(weight, ids as tf.Tensor1D);
}
