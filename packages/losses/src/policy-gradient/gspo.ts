import { equal, rowCount, rowSum, select, stop } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average } from '../shared/row-weights.ts';
import { clipped, costs, logRatios, type PolicyGradientInputs, policyGradientInputs } from './clipped.ts';

/** Options of `gspoLoss`. */
export interface GspoOptions {
  /** ε_low: 3e-4. In [0, 1]. */
  readonly clipLow?: number;
  /** ε_high: 4e-4. */
  readonly clipHigh?: number;
  /** `'row'` (default): the mean over a response's tokens, then over responses. `'flat'`: over all tokens. */
  readonly reduction?: 'row' | 'flat';
  /** Responses (or tokens, with `'flat'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * GSPO: one ratio for the whole response, the geometric mean of its tokens' ratios, clipped as GRPO clips each.
 *
 * L = mean_i mean_t w·max(−Â·s, −Â·clip(s, 1 − ε_low, 1 + ε_high)), s_t = sg[(Π_k π_θ/μ)^{1/T_i}]·π_θ(a_t)/sg[π_θ(a_t)] (Zheng et al., 2507.18071, GSPO-token;
 * with one advantage a response it is GSPO). ∂L/∂log π_θ(a_t) = −w·Â_t·s / (T_i·B), or 0 where s is cut. A mean of log-ratios varies less than one
 * of them does, hence the small bounds.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for a clip out of range or an unknown reduction
 * @example
 * ```ts
 * import { gspoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), behaviorLogps: row(-2, -1), advantages: row(1, 1), mask: row(1, 1) };
 * gspoLoss(inputs).dataSync()[0]; // => -1
 * ```
 */
export const gspoLoss: Loss<PolicyGradientInputs, GspoOptions> = defineLoss(
  {
    name: 'gspoLoss',
    family: 'policy-gradient',
    source: 'GSPO, 2507.18071',
    inputs: policyGradientInputs,
    options: {
      clipLow: is.within(3e-4, [0, 1], 'l'),
      clipHigh: is.positive(4e-4, 'a ratio may rise by it before it is cut', 'h'),
      reduction: is.reduction('row', 'flat'),
    },
    golden: [],
  },
  (x, { clipLow, clipHigh, ...mean }) => {
    const counts = rowCount(x.mask);
    const geometric = rowSum(logRatios(x)).over(counts.plus(equal(counts, 0)));
    const own = select(x.mask, x.policyLogps, 0);
    // Its value is 0: it lets each token's gradient through.
    const logRatio = own.minus(stop(own)).plus(stop(geometric));
    const dualClip = Number.POSITIVE_INFINITY;
    return average(clipped(costs(x), logRatio, { clipLow, clipHigh, dualClip }), x.mask, mean);
  },
);
