import { assertOptions, assertShapes, tf } from '@svo/tensor';
import { assertBeta } from '../shared/check.ts';
import { defaults } from '../shared/defaults.ts';
import type { DvoInputs } from '../steps/dvo.ts';
import { implicitReward, indicator, type Metrics, meanOver, metricsOf } from './means.ts';

/**
 * What to watch beside a loss over steps (`dvoLoss`, `dvoKtoLoss`). All are flat means over the valid steps of the batch, so
 * they are the same whatever the loss's reduction; Δ = log π_θ − log π_ref of a step, c its credit:
 *
 * - `kl` = Δ, nats, TRL's sign: the one-sample estimate of KL(π_θ ‖ π_ref) on steps the policy wrote itself. On steps that
 *   another model wrote it is a log-ratio like any other and may be negative: −Δ estimates KL(π_ref ‖ π_θ) where the reference
 *   wrote them. Its size is the distance, its sign says whether the data became likelier.
 * - `credits/mse` = (β·Δ − c)², what DVO drives to 0; `credits/mean` = c.
 * - `credits/accuracies`: the share of the steps with c ≠ 0 that were moved in the direction of their credit, Δ·c > 0.
 * - `rewards/mean` = β·Δ; `rewards/chosen` over steps with c > 0, `rewards/rejected` over steps with c < 0 (DVO, 2502.13723, figure 5).
 * - `logps/steps` = log π_θ of a step, nats.
 *
 * A mean over nothing is 0.
 *
 * @param inputs - as of `dvoLoss`, all [B, S]
 * @param options - `beta` 0.1, the loss's
 * @throws ShapeError when an input is not [B, S]; RangeError for β ≤ 0 or an unknown option
 * @example
 * ```ts
 * import { stepMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const policyLogps = tf.tensor2d([[-3, -7]]);
 * const referenceLogps = tf.tensor2d([[-4, -7.5]]);
 * const credits = tf.tensor2d([[0.5, -0.5]]);
 * const mask = tf.tensor2d([[1, 1]]);
 * const metrics = stepMetrics({ policyLogps, referenceLogps, credits, mask });
 * metrics['credits/accuracies'].dataSync()[0]; // => 0.5
 * metrics.kl.dataSync()[0]; // => 0.75
 * ```
 */
export function stepMetrics(
  inputs: DvoInputs,
  options: { readonly beta?: number } = {},
): Metrics<
  | 'kl'
  | 'credits/mse'
  | 'credits/mean'
  | 'credits/accuracies'
  | 'rewards/mean'
  | 'rewards/chosen'
  | 'rewards/rejected'
  | 'logps/steps'
> {
  assertOptions('stepMetrics', options, ['beta']);
  const { beta = defaults.beta } = options;
  const { policyLogps, referenceLogps, credits, mask } = inputs;
  assertShapes('stepMetrics', {
    policyLogps: [policyLogps, 'B S'],
    referenceLogps: [referenceLogps, 'B S'],
    credits: [credits, 'B S'],
    mask: [mask, 'B S'],
  });
  assertBeta('stepMetrics', beta);
  return metricsOf(() => {
    const logRatio = tf.sub(policyLogps, referenceLogps);
    const reward = implicitReward(policyLogps, referenceLogps, beta);
    const valid = indicator(tf.greater(mask, 0));
    const raised = tf.mul(valid, indicator(tf.greater(credits, 0)));
    const lowered = tf.mul(valid, indicator(tf.less(credits, 0)));
    const follows = indicator(tf.greater(tf.mul(tf.sign(logRatio), credits), 0));
    return {
      kl: meanOver(valid, logRatio),
      'credits/mse': meanOver(valid, tf.square(tf.sub(reward, credits))),
      'credits/mean': meanOver(valid, credits),
      'credits/accuracies': meanOver(tf.add(raised, lowered), follows),
      'rewards/mean': meanOver(valid, reward),
      'rewards/chosen': meanOver(raised, reward),
      'rewards/rejected': meanOver(lowered, reward),
      'logps/steps': meanOver(valid, policyLogps),
    };
  });
}
