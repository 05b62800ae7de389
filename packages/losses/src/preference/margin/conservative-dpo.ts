import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, pairLoss } from '../pair-loss.ts';
import { type DpoOptions, smoothed, smoothing } from './dpo.ts';

/**
 * Conservative DPO: DPO for labels that are wrong with probability ε.
 *
 * L = mean (1−ε)·softplus(−x) + ε·softplus(x) = mean softplus(−x) + ε·x, x = β(Δ_w − Δ_l) (Mitchell's note on DPO with noisy
 * labels; the second form has one softplus and cancels nothing). ∂L/∂log π_θ(y_w) = −β(σ(−x) − ε)/B.
 * The minimiser is x = log((1−ε)/ε) instead of infinity; at ε = ½ the loss is even in x.
 *
 * @param options - as `dpoLoss`, with ε = 0.2 by default
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or ε outside [0, ½]
 * @example
 * ```ts
 * import { conservativeDpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const pairs = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * conservativeDpoLoss(pairs).dataSync()[0]!.toFixed(6); // => '0.638139'
 * ```
 */
export const conservativeDpoLoss: Loss<PairInputs, DpoOptions> = pairLoss(
  {
    name: 'conservativeDpoLoss',
    source: 'Mitchell, a note on DPO with noisy labels',
    options: { beta: is.beta(), labelSmoothing: smoothing(0.2) },
    golden: ['dpo.sigmoid.eps0.1', 'dpo.sigmoid.eps0.3'],
  },
  smoothed,
);
