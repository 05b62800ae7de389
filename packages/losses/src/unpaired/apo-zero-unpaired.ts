import { sum } from '../formula/operations.ts';
import { size } from '../formula/term.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import type { KtoInputs, KtoOptions } from './kto.ts';
import { labelled, regret, unpairedInputs } from './regret.ts';

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
 * loss.dataSync()[0]!.toFixed(6); // => '0.475083'
 * ```
 */
export const apoZeroUnpairedLoss: Loss<
  Pick<KtoInputs, 'policyLogps' | 'referenceLogps' | 'labels'>,
  Omit<KtoOptions, 'klDivisor'>
> = defineLoss(
  {
    name: 'apoZeroUnpairedLoss',
    family: 'unpaired',
    source: 'APO, 2408.06266; apo_zero_unpaired of TRL',
    inputs: unpairedInputs,
    options: {
      beta: is.beta(),
      desirableWeight: is.notNegative(1, 'lambda_D'),
      undesirableWeight: is.notNegative(1, 'lambda_U'),
    },
    golden: ['kto.apo_zero_unpaired'],
  },
  (x, { beta, desirableWeight, undesirableWeight, normalizer }) => {
    const reward = x.policyLogps.minus(x.referenceLogps).times(beta);
    const { sign, weight } = labelled(x.labels, desirableWeight, undesirableWeight);
    return sum(regret(sign, weight, reward)).over(normalizer ?? size('B'));
  },
);
