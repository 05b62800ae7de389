import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average } from '../shared/row-weights.ts';
import {
  type ClipOptions,
  clipOptions,
  clipped,
  costs,
  logRatios,
  type PolicyGradientInputs,
  policyGradientInputs,
} from './clipped.ts';

/** Options of `drGrpoLoss`. */
export interface DrGrpoOptions extends ClipOptions {
  /** What a response's sum is divided by, the same for all: 1 by default; TRL takes the longest a completion may be. */
  readonly length?: number;
  /** Responses of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * Dr. GRPO: GRPO without its bias towards long wrong responses.
 *
 * As `grpoLoss`, but a response's terms are summed and divided by a constant instead of its own length: L = mean_i (1/C) Σ_t …
 * (Liu et al., 2503.20783). Goes with `drGrpoAdvantages`, which are not divided by a deviation either.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for a clip or a length out of range
 * @example
 * ```ts
 * import { drGrpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), behaviorLogps: row(-2, -2), advantages: row(1, 1), mask: row(1, 1) };
 * drGrpoLoss(inputs, { length: 10 }).dataSync()[0]!.toFixed(4); // => '-0.2200'
 * ```
 */
export const drGrpoLoss: Loss<PolicyGradientInputs, DrGrpoOptions> = defineLoss(
  {
    name: 'drGrpoLoss',
    family: 'policy-gradient',
    source: 'Dr. GRPO, 2503.20783',
    inputs: policyGradientInputs,
    options: { ...clipOptions(), length: is.positive(1, 'the sum over a response is divided by it') },
    golden: [],
  },
  (x, { clipLow, clipHigh, dualClip, length, normalizer }) => {
    const terms = clipped(costs(x), logRatios(x), { clipLow, clipHigh, dualClip });
    return average(terms, x.mask, { reduction: 'sum', normalizer }).over(length);
  },
);
