import { assertShapes, stopGradient, type Tensor, tf } from '@svo/tensor';

/** Logits of policy and reference over the whole vocabulary, both [B, T, V]. */
export interface KlPenaltyInputs {
  /** Carries gradient. */
  readonly policyLogits: Tensor;
  /** Data: stays without gradient if it has none coming in. */
  readonly referenceLogits: Tensor;
}

/**
 * KL(π_θ(·|s_t) ‖ π_ref(·|s_t)) at every position, over the whole vocabulary: Σ_j p_j (log p_j − log q_j) ≥ 0. OREO's regulariser
 * (2412.16145, L_reg); 0 exactly where the two agree. Average it with `maskedMean` and add it to a loss.
 *
 * A logit of −∞ (a forbidden token) counts nothing; where only the reference forbids it the divergence is ∞.
 * ∂KL/∂z_j = p_j (log p_j − log q_j − KL). Logits may differ by a constant a row; it cancels.
 *
 * @returns [B, T], nats
 * @throws ShapeError when shapes differ or are not [B, T, V]
 * @example
 * ```ts
 * import { klPenalty } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const [policyLogits, referenceLogits] = [tf.tensor3d([[[2, 0]]]), tf.tensor3d([[[0, 0]]])];
 * klPenalty({ policyLogits, referenceLogits }).dataSync()[0]!.toFixed(5); // => '0.32781'
 * ```
 */
export function klPenalty({ policyLogits, referenceLogits }: KlPenaltyInputs): Tensor {
  assertShapes('klPenalty', { policyLogits: [policyLogits, 'B T V'], referenceLogits: [referenceLogits, 'B T V'] });
  return tf.tidy(() => {
    const policy = tf.logSoftmax(policyLogits);
    const reference = tf.logSoftmax(referenceLogits);
    // A token the policy cannot say counts nothing, although its −∞ makes a NaN of the difference.
    const impossible = tf.equal(stopGradient(policyLogits), Number.NEGATIVE_INFINITY);
    const difference = tf.where(impossible, tf.zerosLike(policy), tf.sub(policy, reference));
    return tf.sum(tf.mul(tf.exp(policy), difference), -1);
  });
}
