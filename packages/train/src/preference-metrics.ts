import { type Tensor, tf } from '@svo/tensor';

/** Summed log-probabilities of the two sides of each pair, all [B], as the pair losses take them. */
export interface PairLogps {
  readonly policyChosenLogps: Tensor;
  readonly policyRejectedLogps: Tensor;
  readonly referenceChosenLogps: Tensor;
  readonly referenceRejectedLogps: Tensor;
}

/**
 * TRL's metrics of preference training, means over the batch: `logps/chosen`, `logps/rejected` in nats;
 * `rewards/chosen` = β·(log π_θ − log π_ref) of the chosen side, `rewards/rejected`, their difference `rewards/margins`, and
 * `rewards/accuracies`, how often the chosen side has the larger reward (a tie is no win). Spread them beside the loss.
 * They carry no gradient into it.
 * @param options `beta` 0.1: the loss's
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { preferenceMetrics } from '@svo/train';
 * const logps = (x: number) => tf.tensor1d([x]);
 * const metrics = preferenceMetrics({
 *   policyChosenLogps: logps(-3), referenceChosenLogps: logps(-5), policyRejectedLogps: logps(-6), referenceRejectedLogps: logps(-5),
 * }, { beta: 0.5 });
 * metrics['rewards/margins'].dataSync()[0]; // => 1.5
 * ```
 */
export function preferenceMetrics(
  { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps }: PairLogps,
  { beta = 0.1 }: { beta?: number } = {},
): Readonly<Record<string, Tensor>> {
  return tf.tidy(() => {
    const chosen = tf.mul(tf.sub(policyChosenLogps, referenceChosenLogps), beta);
    const rejected = tf.mul(tf.sub(policyRejectedLogps, referenceRejectedLogps), beta);
    const metrics: Record<string, Tensor> = {
      'logps/chosen': tf.mean(policyChosenLogps),
      'logps/rejected': tf.mean(policyRejectedLogps),
      'rewards/chosen': tf.mean(chosen),
      'rewards/rejected': tf.mean(rejected),
      'rewards/margins': tf.mean(tf.sub(chosen, rejected)),
      'rewards/accuracies': tf.mean(tf.cast(tf.greater(chosen, rejected), 'float32')),
    };
    return metrics;
  });
}
