import { assertShapes, stopGradient, type Tensor, tf } from '@svo/tensor';

/**
 * The entropy of the distribution at every position, H = −Σ_j p_j log p_j: 0 where one token is certain, log V where all are alike. A policy whose
 * entropy falls to nothing has stopped to explore. Carries gradient: its mean, times a coefficient, may be subtracted from a loss.
 *
 * A logit of −∞ (a forbidden token) counts nothing. ∂H/∂z_j = −p_j (log p_j + H).
 *
 * @param logits - [B, T, V]
 * @returns [B, T], nats
 * @throws ShapeError when `logits` is not [B, T, V]
 * @example
 * ```ts
 * import { tokenEntropies } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * tokenEntropies(tf.tensor3d([[[0, 0], [50, 0]]])).dataSync(); // => [0.6931471824645996, 0]
 * ```
 */
export function tokenEntropies(logits: Tensor): Tensor {
  assertShapes('tokenEntropies', { logits: [logits, 'B T V'] });
  return tf.tidy(() => {
    const logps = tf.logSoftmax(logits);
    const possible = tf.where(tf.equal(stopGradient(logits), Number.NEGATIVE_INFINITY), tf.zerosLike(logps), logps);
    return tf.neg(tf.sum(tf.mul(tf.exp(logps), possible), -1));
  });
}
