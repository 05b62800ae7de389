import { assertOptions, assertShapes, type Tensor, tf } from '@svo/tensor';
import { assertBeta } from '../shared/check.ts';
import { defaults } from '../shared/defaults.ts';
import { implicitReward, indicator, type Metrics, meanOver, metricsOf } from './means.ts';

/** What `unpairedMetrics` compares: the inputs of `ktoLoss` and `apoZeroUnpairedLoss` they have in common. */
export interface UnpairedLogps {
  /** log π_θ of a completion, summed over its tokens, nats [B]. */
  readonly policyLogps: Tensor;
  /** log π_ref of the same [B]. */
  readonly referenceLogps: Tensor;
  /** 1 for a desirable completion, 0 (or −1) for an undesirable one [B]. */
  readonly labels: Tensor;
}

/**
 * What to watch beside `ktoLoss` and `apoZeroUnpairedLoss`, under TRL's names: implicit rewards β·Δ and log π_θ, meant over the
 * desirable completions (`…/chosen`) and over the undesirable ones (`…/rejected`), and the difference of the two mean
 * rewards, `rewards/margins`. A mean over nothing is 0, and then so is the margin: a batch of one class has none.
 *
 * @param inputs - those of the loss, all [B]; others are not read
 * @param options - `beta` 0.1, the loss's
 * @throws ShapeError when an input is not [B]; RangeError for β ≤ 0 or an unknown option
 * @example
 * ```ts
 * import { unpairedMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const policyLogps = tf.tensor1d([-10, -15]);
 * const referenceLogps = tf.tensor1d([-12, -14]);
 * const labels = tf.tensor1d([1, 0]);
 * unpairedMetrics({ policyLogps, referenceLogps, labels }, { beta: 0.5 })['rewards/margins'].dataSync()[0]; // => 1.5
 * ```
 */
export function unpairedMetrics(
  { policyLogps, referenceLogps, labels }: UnpairedLogps,
  options: { readonly beta?: number } = {},
): Metrics<'rewards/chosen' | 'rewards/rejected' | 'rewards/margins' | 'logps/chosen' | 'logps/rejected'> {
  assertOptions('unpairedMetrics', options, ['beta']);
  const { beta = defaults.beta } = options;
  assertShapes('unpairedMetrics', {
    policyLogps: [policyLogps, 'B'],
    referenceLogps: [referenceLogps, 'B'],
    labels: [labels, 'B'],
  });
  assertBeta('unpairedMetrics', beta);
  return metricsOf(() => {
    const desirable = indicator(tf.greater(labels, 0));
    const undesirable = tf.sub(1, desirable);
    const reward = implicitReward(policyLogps, referenceLogps, beta);
    const [chosen, rejected] = [meanOver(desirable, reward), meanOver(undesirable, reward)];
    const both = tf.minimum(tf.mul(tf.sum(desirable), tf.sum(undesirable)), 1);
    return {
      'rewards/chosen': chosen,
      'rewards/rejected': rejected,
      'rewards/margins': tf.mul(both, tf.sub(chosen, rejected)),
      'logps/chosen': meanOver(desirable, policyLogps),
      'logps/rejected': meanOver(undesirable, policyLogps),
    };
  });
}
