import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { defaults } from '../shared/defaults.ts';
import { average } from '../shared/row-weights.ts';
import { clipOptions, clipped, costs, logRatios, type PolicyGradientInputs, policyGradientInputs } from './clipped.ts';
import type { GrpoOptions } from './grpo.ts';

/**
 * DAPO: GRPO that lets unlikely good tokens rise further, and counts every token alike.
 *
 * As `grpoLoss`, with ε_high = 0.28 above ε_low = 0.2 and one mean over all tokens, so that long responses weigh by their length
 * (Yu et al., 2503.14476, eq. 8). Its filter (no group of equal rewards) and its shaping of long responses are the caller's: a group of
 * equals has advantages of 0 (`grpoAdvantages`).
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for a clip out of range or an unknown reduction
 * @example
 * ```ts
 * import { dapoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), behaviorLogps: row(-2, -2), advantages: row(1, 1), mask: row(1, 1) };
 * dapoLoss(inputs).dataSync()[0]!.toFixed(4); // => '-1.1400'
 * ```
 */
export const dapoLoss: Loss<PolicyGradientInputs, GrpoOptions> = defineLoss(
  {
    name: 'dapoLoss',
    family: 'policy-gradient',
    source: 'DAPO, 2503.14476, eq. 8',
    inputs: policyGradientInputs,
    options: { ...clipOptions(defaults.clip, defaults.clipHigher), reduction: is.reduction('flat', 'row') },
    golden: [],
  },
  (x, { clipLow, clipHigh, dualClip, ...mean }) =>
    average(clipped(costs(x), logRatios(x), { clipLow, clipHigh, dualClip }), x.mask, mean),
);
