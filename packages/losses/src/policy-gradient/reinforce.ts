import { select } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average, type Reduction } from '../shared/row-weights.ts';
import { costs, type PolicyGradientInputs, policyGradientInputs } from './clipped.ts';

/** Options of `reinforceLoss`. */
export interface ReinforceOptions {
  /** `'row'` (default), `'flat'` or `'sum'`, as in `sftLoss`. */
  readonly reduction?: Reduction;
  /** Responses (or tokens, with `'flat'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/** What `reinforceLoss` takes: data are taken as fresh, there is no other policy to be told. */
export type ReinforceInputs = Omit<PolicyGradientInputs, 'behaviorLogps'>;

const { behaviorLogps: _, ...inputs } = policyGradientInputs;

/**
 * REINFORCE: the likelihood of each token, weighed by its advantage.
 *
 * L = −mean_i mean_t w·Â·log π_θ (Williams 1992; with the advantages of the others, RLOO, 2402.14740). ∂L/∂log π_θ = −w·Â / (T_i·B). Only
 * the gradient means something, and only on data of the policy itself.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for an unknown reduction
 * @example
 * ```ts
 * import { reinforceLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * reinforceLoss({ policyLogps: row(-1, -2), advantages: row(1, -1), mask: row(1, 1) }).dataSync()[0]; // => -0.5
 * ```
 */
export const reinforceLoss: Loss<ReinforceInputs, ReinforceOptions> = defineLoss(
  {
    name: 'reinforceLoss',
    family: 'policy-gradient',
    source: 'Williams 1992; RLOO, 2402.14740',
    inputs,
    options: { reduction: is.reduction('row', 'flat', 'sum') },
    golden: [],
  },
  (x, options) => average(costs(x).times(select(x.mask, x.policyLogps, 0)), x.mask, options),
);
