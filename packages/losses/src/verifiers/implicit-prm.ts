import type { Tensor } from '@svo/tensor';
import { difference, positive, rowCount, rowSum, sum } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { defaults } from '../shared/defaults.ts';
import { slotWeights } from '../shared/row-weights.ts';
import { crossEntropy } from './cross-entropy.ts';

/** What `implicitPrmLoss` takes. */
export interface ImplicitPrmInputs {
  /** log π_φ of each token of a response under the model that becomes the verifier, nats [B, T]; carries gradient. */
  readonly policyLogps: Tensor;
  /** log π_ref, nats [B, T]; data. */
  readonly referenceLogps: Tensor;
  /** 1 where the response is right, 0 where it is wrong [B]; data. */
  readonly labels: Tensor;
  /** 1 on the response's tokens [B, T]. */
  readonly mask: Tensor;
}

/** Options of `implicitPrmLoss`. */
export interface ImplicitPrmOptions {
  /** β, 0.05 by default. */
  readonly beta?: number;
  /** Responses of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * An implicit process reward model: trained on outcomes alone, it gives a reward for every token.
 *
 * L = −mean_i y·log σ(βΣΔ) + (1 − y)·log σ(−βΣΔ), Δ = log π_φ/π_ref of a token (Yuan et al., 2412.01981; PRIME, 2502.01456). What it
 * learned for each token or step is βΔ: `implicitRewards`. ∂L/∂log π_φ = β(σ(βΣΔ) − y)/B, the same for all tokens of a response.
 *
 * @throws ShapeError when an input is not of its shape; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { implicitPrmLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-1, -2), labels: tf.tensor1d([1]), mask: row(1, 1) };
 * implicitPrmLoss(inputs).dataSync()[0]!.toFixed(4); // => '0.6931'
 * ```
 */
export const implicitPrmLoss: Loss<ImplicitPrmInputs, ImplicitPrmOptions> = defineLoss(
  {
    name: 'implicitPrmLoss',
    family: 'verifiers',
    source: 'PRIME, 2502.01456; 2412.01981',
    inputs: {
      policyLogps: { shape: 'B T', kind: 'logps', trained: true },
      referenceLogps: { shape: 'B T', kind: 'reference' },
      labels: { shape: 'B', kind: 'labels' },
      mask: { shape: 'B T', kind: 'mask' },
    },
    options: { beta: is.beta(defaults.verifierBeta) },
    golden: [],
  },
  (x, { beta, normalizer }) => {
    const logit = rowSum(difference(x.mask, x.policyLogps, x.referenceLogps)).times(beta);
    const some = positive(rowCount(x.mask));
    return sum(crossEntropy(logit, x.labels).times(some)).times(slotWeights(x.mask, 'sum', normalizer));
  },
);
