import { assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertNormalizer, assertOneOf } from '../shared/check.ts';
import { tokenWeights } from '../shared/row-weights.ts';

/** What `sftLoss` takes, both [B, T]. */
export interface SftInputs {
  /** log π_θ of each token, nats; carries gradient. */
  readonly policyLogps: Tensor;
  /** 1 on the tokens to be learned. */
  readonly mask: Tensor;
}

/** Options of `sftLoss`. */
export interface SftOptions {
  /**
   * `'token'` (default): the mean over all valid tokens. `'sequenceMean'`: the mean over each row's tokens, then over rows.
   * `'sequenceSum'`: the sum over each row's tokens, then the mean over rows.
   */
  readonly reduction?: 'token' | 'sequenceMean' | 'sequenceSum';
  /** Tokens (or rows, for the two others) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * Supervised fine-tuning: negative log-likelihood of the target tokens. On verified solutions only, this is RFT.
 *
 * L = −Σ_t log π_θ(a_t|s_t) / N over valid tokens; ∂L/∂log π_θ(a_t) = −1/N (or as the reduction says). 0 when all is masked.
 * Three readings of the NLL term beside DPO exist; the default is TRL's, `'sequenceSum'` is the original DPO code's.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for an unknown reduction
 * @example
 * ```ts
 * import { sftLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * sftLoss({ policyLogps: tf.tensor2d([[-1, -2]]), mask: tf.tensor2d([[1, 1]]) }).dataSync()[0]; // => 1.5
 * ```
 */
export function sftLoss(inputs: SftInputs, options: SftOptions = {}): Scalar {
  const { reduction = 'token', normalizer } = options;
  const { policyLogps, mask } = inputs;
  assertShapes('sftLoss', { policyLogps: [policyLogps, 'B T'], mask: [mask, 'B T'] });
  assertOneOf('sftLoss', 'reduction', reduction, ['token', 'sequenceMean', 'sequenceSum']);
  assertNormalizer('sftLoss', normalizer);
  return closedForm({ policyLogps, mask }, ['policyLogps'], (math, x) => {
    const perToken = math.mul(-1, tokenWeights(math, x.mask, reduction, normalizer));
    return {
      value: math.dot(perToken, math.select(x.mask, x.policyLogps, 0)),
      gradients: () => ({ policyLogps: perToken }),
    };
  });
}
