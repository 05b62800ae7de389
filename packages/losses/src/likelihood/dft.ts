import { assertShapes, closedForm, type Scalar } from '@svo/tensor';
import { assertNormalizer, assertOneOf } from '../shared/check.ts';
import { tokenWeights } from '../shared/row-weights.ts';
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
 * dftLoss({ policyLogps, mask: tf.tensor2d([[1, 1]]) }).dataSync()[0].toFixed(6); // => '0.346574'
 * ```
 */
export function dftLoss(inputs: SftInputs, options: SftOptions = {}): Scalar {
  const { reduction = 'token', normalizer } = options;
  const { policyLogps, mask } = inputs;
  assertShapes('dftLoss', { policyLogps: [policyLogps, 'B T'], mask: [mask, 'B T'] });
  assertOneOf('dftLoss', 'reduction', reduction, ['token', 'sequenceMean', 'sequenceSum']);
  assertNormalizer('dftLoss', normalizer);
  return closedForm({ policyLogps, mask }, ['policyLogps'], (math, x) => {
    const logps = math.select(x.mask, x.policyLogps, 0);
    const slope = math.mul(math.exp(logps), math.mul(-1, tokenWeights(math, x.mask, reduction, normalizer)));
    return { value: math.dot(slope, logps), gradients: () => ({ policyLogps: slope }) };
  });
}
