import type { Tensor } from '@svo/tensor';
import { select } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average, type Reduction } from '../shared/row-weights.ts';

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
   * `'flat'` (default): the mean over all valid tokens. `'row'`: the mean over each row's tokens, then over rows. `'sum'`: the sum over
   * each row's tokens, then the mean over rows.
   */
  readonly reduction?: Reduction;
  /** Tokens (or rows, for the two others) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * Supervised fine-tuning: negative log-likelihood of the target tokens. On verified solutions only, this is RFT.
 *
 * L = −Σ_t log π_θ(a_t|s_t) / N over valid tokens; ∂L/∂log π_θ(a_t) = −1/N (or as the reduction says). 0 when all is masked.
 * Three readings of the NLL term beside DPO exist; the default is TRL's, `'sum'` is the original DPO code's.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for an unknown reduction
 * @example
 * ```ts
 * import { sftLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * sftLoss({ policyLogps: tf.tensor2d([[-1, -2]]), mask: tf.tensor2d([[1, 1]]) }).dataSync()[0]; // => 1.5
 * ```
 */
export const sftLoss: Loss<SftInputs, SftOptions> = defineLoss(
  {
    name: 'sftLoss',
    family: 'likelihood',
    source: 'maximum likelihood; on verified solutions RFT, 2308.01825',
    inputs: { policyLogps: { shape: 'B T', kind: 'logps', trained: true }, mask: { shape: 'B T', kind: 'mask' } },
    options: { reduction: is.reduction('flat', 'row', 'sum') },
    golden: ['trl_head'],
  },
  (x, options) => average(select(x.mask, x.policyLogps, 0).negated(), x.mask, options),
);
