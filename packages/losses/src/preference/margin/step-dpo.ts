import type { Loss } from '../../manifest/manifest.ts';
import * as is from '../../manifest/options.ts';
import { type PairInputs, pairLoss } from '../pair-loss.ts';
import { type DpoOptions, smoothed, smoothing } from './dpo.ts';

/**
 * Step-DPO: DPO on one next step after a shared, correct prefix.
 *
 * L = mean −log σ(β(Δ(s_w) − Δ(s_l))), Δ over the tokens of that *one* step (Step-DPO, 2406.18629). Question and prefix are
 * prompt; the step ends without EOS. The same function as `dpoLoss`: what differs is the span the log-probs are summed over,
 * not the formula. The public code's β: 0.5 for 7B, 0.4 for 72B, 0.05 in its config; 0.1 by default here, as in `dpoLoss`.
 *
 * @throws ShapeError when the four inputs are not all [B]; RangeError for β ≤ 0 or ε outside [0, ½]
 * @example
 * ```ts
 * import { stepDpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const steps = {
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * };
 * stepDpoLoss(steps, { beta: 0.5 }).dataSync()[0]!.toFixed(6); // => '0.313262'
 * ```
 */
export const stepDpoLoss: Loss<PairInputs, DpoOptions> = pairLoss(
  {
    name: 'stepDpoLoss',
    source: 'Step-DPO, 2406.18629',
    options: { beta: is.beta(), labelSmoothing: smoothing(0) },
    golden: ['dpo.sigmoid'],
  },
  smoothed,
);
