import { atLeast, atMost, exp, select, stop } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average } from '../shared/row-weights.ts';
import { costs, logRatios, type PolicyGradientInputs, policyGradientInputs } from './clipped.ts';

/** Options of `cispoLoss`. */
export interface CispoOptions {
  /** ε_low: no weight is below 1 − ε_low. In [0, 1]; 1 by default, so that none is raised. */
  readonly clipLow?: number;
  /** ε_high: no weight is above 1 + ε_high; 4 by default. */
  readonly clipHigh?: number;
  /** `'flat'` (default): the mean over all tokens. `'row'`: over a response's tokens, then over responses. */
  readonly reduction?: 'flat' | 'row';
  /** Tokens (or responses, with `'row'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * CISPO: the importance weight is clipped, not the update, so that every token keeps a gradient.
 *
 * L = −mean_t w·sg[clip(ρ, 1 − ε_low, 1 + ε_high)]·Â·log π_θ, ρ = π_θ/μ of a token (MiniMax-M1, 2506.13585, section 3.1). ∂L/∂log π_θ = −w·clip(ρ)·Â / N.
 * The paper cuts from above alone and names no number; a weight of at most 5 is what later work settled on (ScaleRL, 2510.13786).
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for a clip out of range or an unknown reduction
 * @example
 * ```ts
 * import { cispoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), behaviorLogps: row(-4, -2), advantages: row(1, 1), mask: row(1, 1) };
 * cispoLoss(inputs).dataSync()[0]; // => 3.5
 * ```
 */
export const cispoLoss: Loss<PolicyGradientInputs, CispoOptions> = defineLoss(
  {
    name: 'cispoLoss',
    family: 'policy-gradient',
    source: 'MiniMax-M1, 2506.13585, section 3.1',
    inputs: policyGradientInputs,
    options: {
      clipLow: is.within(1, [0, 1], 'l'),
      clipHigh: is.positive(4, 'no weight is above 1 + it', 'h'),
      reduction: is.reduction('flat', 'row'),
    },
    golden: [],
  },
  (x, { clipLow, clipHigh, ...mean }) => {
    const logWeight = atMost(atLeast(logRatios(x), Math.log1p(-clipLow)), Math.log1p(clipHigh));
    const likelihood = select(x.mask, x.policyLogps, 0);
    return average(
      costs(x)
        .times(stop(exp(logWeight)))
        .times(likelihood),
      x.mask,
      mean,
    );
  },
);
