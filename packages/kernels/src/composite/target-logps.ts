import { type Tensor, tf } from '@svo/tensor';

/** log softmax(logits)[n, targets[n]] for `logits` [N, V]: plain tfjs, on every backend. */
export function targetLogpsComposite(logits: Tensor, targets: Tensor): Tensor {
  const [rows, vocabulary] = logits.shape as [number, number];
  // Picked from the flat array: a one-hot product would turn an impossible token's −∞ · 0 into NaN,
  // and tfjs's gather with batch dimensions corrupts the wasm heap.
  const rowStarts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(vocabulary, 'int32'));
  return tf.gather(tf.reshape(tf.logSoftmax(logits), [-1]), tf.add(rowStarts, targets) as tf.Tensor1D);
}
