import { exp, select, stop } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average } from '../shared/row-weights.ts';
import type { SftInputs, SftOptions } from './sft.ts';

/**
 * Dynamic fine-tuning: each token's negative log-likelihood weighed by its own probability, so that unlikely tokens do not
 * dominate the step.
 *
 * L = −Σ_t sg[π_θ(a_t|s_t)]·log π_θ(a_t|s_t) / N over valid tokens; ∂L/∂log π_θ(a_t) = −π_θ(a_t|s_t)/N (DFT, 2508.05629; TRL's
 * `dft`). In units of the probability itself this is plain ascent: ∂L/∂π = −1/N, where `sftLoss` has −1/(π·N).
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for an unknown reduction
 * @example
 * ```ts
 * import { dftLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const policyLogps = tf.tensor2d([[Math.log(0.5), Math.log(0.25)]]);
 * dftLoss({ policyLogps, mask: tf.tensor2d([[1, 1]]) }).dataSync()[0]!.toFixed(6); // => '0.346574'
 * ```
 */
export const dftLoss: Loss<SftInputs, SftOptions> = defineLoss(
  {
    name: 'dftLoss',
    family: 'likelihood',
    source: 'DFT, 2508.05629',
    inputs: { policyLogps: { shape: 'B T', kind: 'logps', trained: true }, mask: { shape: 'B T', kind: 'mask' } },
    options: { reduction: is.reduction('flat', 'row', 'sum') },
    golden: [],
  },
  (x, options) => {
    const logps = select(x.mask, x.policyLogps, 0);
    return average(stop(exp(logps)).times(logps).negated(), x.mask, options);
  },
);
