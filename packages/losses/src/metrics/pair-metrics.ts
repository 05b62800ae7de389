import { assertOptions, assertShapes, tf } from '@svo/tensor';
import type { PairInputs } from '../preference/pair-loss.ts';
import { assertBeta } from '../shared/check.ts';
import { defaults } from '../shared/defaults.ts';
import { implicitReward, indicator, type Metrics, meanOver, metricsOf } from './means.ts';

/**
 * What to watch beside a pair loss, means over the batch under TRL's names: the implicit rewards β·Δ of the chosen and the
 * rejected side, Δ = log π_θ − log π_ref; their difference `rewards/margins`; the share of pairs whose chosen side has the
 * larger reward, `rewards/accuracies` (a tie is no win); and log π_θ of each side in nats. A pair whose `pairWeights` is 0 is
 * left out; the other weights don't count here. 0 over no pairs.
 *
 * @param inputs - as of `dpoLoss`, all [B]
 * @param options - `beta` 0.1, the loss's
 * @throws ShapeError when an input is not [B]; RangeError for β ≤ 0 or an unknown option
 * @example
 * ```ts
 * import { pairMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const metrics = pairMetrics({
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * });
 * metrics['rewards/margins'].dataSync()[0]!.toFixed(2); // => '0.20'
 * ```
 */
export function pairMetrics(
  inputs: PairInputs,
  options: { readonly beta?: number } = {},
): Metrics<
  'rewards/chosen' | 'rewards/rejected' | 'rewards/margins' | 'rewards/accuracies' | 'logps/chosen' | 'logps/rejected'
> {
  assertOptions('pairMetrics', options, ['beta']);
  const { beta = defaults.beta } = options;
  const { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps, pairWeights } = inputs;
  const { B } = assertShapes('pairMetrics', {
    policyChosenLogps: [policyChosenLogps, 'B'],
    policyRejectedLogps: [policyRejectedLogps, 'B'],
    referenceChosenLogps: [referenceChosenLogps, 'B'],
    referenceRejectedLogps: [referenceRejectedLogps, 'B'],
    ...(pairWeights && { pairWeights: [pairWeights, 'B'] }),
  });
  assertBeta('pairMetrics', beta);
  return metricsOf(() => {
    const counted = pairWeights ? indicator(tf.notEqual(pairWeights, 0)) : tf.ones([B!]);
    const chosen = implicitReward(policyChosenLogps, referenceChosenLogps, beta);
    const rejected = implicitReward(policyRejectedLogps, referenceRejectedLogps, beta);
    return {
      'rewards/chosen': meanOver(counted, chosen),
      'rewards/rejected': meanOver(counted, rejected),
      'rewards/margins': meanOver(counted, tf.sub(chosen, rejected)),
      'rewards/accuracies': meanOver(counted, indicator(tf.greater(chosen, rejected))),
      'logps/chosen': meanOver(counted, policyChosenLogps),
      'logps/rejected': meanOver(counted, policyRejectedLogps),
    };
  });
}
