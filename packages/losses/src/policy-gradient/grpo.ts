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

/** Options of `grpoLoss` and `dapoLoss`. */
export interface GrpoOptions extends ClipOptions {
  /** `'row'`: the mean over a response's tokens, then over responses. `'flat'`: the mean over all tokens. */
  readonly reduction?: 'row' | 'flat';
  /** Responses (or tokens, with `'flat'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * GRPO: PPO's clipped surrogate without a critic.
 *
 * L = mean_i mean_t w·max(−Â·ρ, −Â·clip(ρ, 1 − ε_low, 1 + ε_high)), ρ = π_θ/μ of a token, ε = 0.2 (PPO, 1707.06347, eq. 7; GRPO, 2402.03300,
 * eq. 3, without its KL term: add `klEstimateLoss` times β). ∂L/∂log π_θ = −w·Â·ρ / (T_i·B), or 0 where the ratio is cut.
 * Advantages come from `grpoAdvantages` of `@svo/mcts`, or from a tree.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for a clip out of range or an unknown reduction
 * @example
 * ```ts
 * import { grpoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), behaviorLogps: row(-2, -2), advantages: row(1, 1), mask: row(1, 1) };
 * grpoLoss(inputs).dataSync()[0]!.toFixed(4); // => '-1.1000'
 * ```
 */
export const grpoLoss: Loss<PolicyGradientInputs, GrpoOptions> = defineLoss(
  {
    name: 'grpoLoss',
    family: 'policy-gradient',
    source: 'GRPO, 2402.03300, eq. 3; PPO, 1707.06347, eq. 7',
    inputs: policyGradientInputs,
    options: { ...clipOptions(), reduction: is.reduction('row', 'flat') },
    golden: [],
  },
  (x, { clipLow, clipHigh, dualClip, ...mean }) =>
    average(clipped(costs(x), logRatios(x), { clipLow, clipHigh, dualClip }), x.mask, mean),
);
