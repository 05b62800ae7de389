import { type Tensor, tf, whereValid } from '@svo/tensor';

/** Step log-probs and credits, all [B, S], as `dvoLoss` takes them. */
export interface StepLogps {
  readonly policyLogps: Tensor;
  readonly referenceLogps: Tensor;
  readonly credits: Tensor;
  readonly mask: Tensor;
}

/**
 * Metrics of step-level value training, means over the valid steps: `credits/mse` = (β·Δ − c)² with Δ = log π_θ − log π_ref,
 * what DVO drives to 0; `rewards/mean` = β·Δ; `credits/mean`; `logps/steps`, the policy's log-prob of a step in nats; and
 * `kl` = −Δ, the one-sample estimate of KL(π_ref ‖ π_θ) when the steps were written by the reference.
 * @param options `beta` 0.1: the loss's
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { stepMetrics } from '@svo/train';
 * const row = (...x: number[]) => tf.tensor2d([x]);
 * const metrics = stepMetrics({ policyLogps: row(-1, 0), referenceLogps: row(-3, 0), credits: row(0.5, 9), mask: row(1, 0) }, { beta: 0.5 });
 * metrics['credits/mse'].dataSync()[0]; // => 0.25
 * ```
 */
export function stepMetrics(
  { policyLogps, referenceLogps, credits, mask }: StepLogps,
  { beta = 0.1 }: { beta?: number } = {},
): Readonly<Record<string, Tensor>> {
  return tf.tidy(() => {
    const count = tf.maximum(tf.sum(tf.cast(tf.greater(mask, 0), 'float32')), 1);
    const meanOf = (values: Tensor): Tensor => tf.div(tf.sum(whereValid(mask, values)), count);
    const logRatio = tf.sub(policyLogps, referenceLogps);
    const reward = tf.mul(logRatio, beta);
    const metrics: Record<string, Tensor> = {
      'credits/mse': meanOf(tf.square(tf.sub(reward, credits))),
      'credits/mean': meanOf(credits),
      'rewards/mean': meanOf(reward),
      'logps/steps': meanOf(policyLogps),
      kl: meanOf(tf.neg(logRatio)),
    };
    return metrics;
  });
}
