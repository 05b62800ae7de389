import { assertShapes, closedForm, type Scalar } from '@svo/tensor';
import { assertBeta, assertNormalizer, assertNotNegative } from '../shared/check.ts';
import type { KtoInputs, KtoOptions } from './kto.ts';
import { labelled, regret } from './regret.ts';

/**
 * APO-zero on unpaired data: KTO with the baseline fixed at 0, so that no mismatched pairs are needed.
 *
 * L = mean_i λ_D·σ(−βΔ_i) where desirable, λ_U·σ(βΔ_i) where not (APO, 2408.06266; TRL's `apo_zero_unpaired`).
 *
 * @throws ShapeError when shapes disagree; RangeError for β ≤ 0 or a negative weight
 * @example
 * ```ts
 * import { apoZeroUnpairedLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const loss = apoZeroUnpairedLoss({
 *   policyLogps: tf.tensor1d([-10, -15]),
 *   referenceLogps: tf.tensor1d([-12, -15]),
 *   labels: tf.tensor1d([1, 0]),
 * });
 * loss.dataSync()[0].toFixed(6); // => '0.475083'
 * ```
 */
export function apoZeroUnpairedLoss(
  inputs: Pick<KtoInputs, 'policyLogps' | 'referenceLogps' | 'labels'>,
  options: Omit<KtoOptions, 'klDivisor'> = {},
): Scalar {
  const { beta = 0.1, desirableWeight = 1, undesirableWeight = 1, normalizer } = options;
  const { policyLogps, referenceLogps, labels } = inputs;
  const { B } = assertShapes('apoZeroUnpairedLoss', {
    policyLogps: [policyLogps, 'B'],
    referenceLogps: [referenceLogps, 'B'],
    labels: [labels, 'B'],
  });
  assertBeta('apoZeroUnpairedLoss', beta);
  assertNotNegative('apoZeroUnpairedLoss', 'desirableWeight', desirableWeight);
  assertNotNegative('apoZeroUnpairedLoss', 'undesirableWeight', undesirableWeight);
  assertNormalizer('apoZeroUnpairedLoss', normalizer);
  const share = 1 / (normalizer ?? Math.max(B, 1));
  return closedForm({ policyLogps, referenceLogps, labels }, ['policyLogps'], (math, x) => {
    const reward = math.mul(beta, math.sub(x.policyLogps, x.referenceLogps));
    const { sign, weight } = labelled(math, x.labels, desirableWeight, undesirableWeight);
    const { losses, slopes } = regret(math, sign, weight, reward);
    const gradients = () => ({ policyLogps: math.mul(beta * share, slopes()) });
    return { value: math.mul(share, math.sum(losses)), gradients };
  });
}
