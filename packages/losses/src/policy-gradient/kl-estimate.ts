import type { Tensor } from '@svo/tensor';
import { difference, expExcess, square } from '../formula/operations.ts';
import type { Term } from '../formula/term.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average, type Reduction } from '../shared/row-weights.ts';

/** What `klEstimateLoss` takes, all [B, T]. */
export interface KlEstimateInputs {
  /** log π_θ of each token, nats; carries gradient. */
  readonly policyLogps: Tensor;
  /** log π_ref of each token, nats; data. */
  readonly referenceLogps: Tensor;
  /** 1 on the response's tokens. */
  readonly mask: Tensor;
}

/** Options of `klEstimateLoss`. */
export interface KlEstimateOptions {
  /** Which estimate; `'k3'` by default, as GRPO has it. */
  readonly estimator?: 'k3' | 'k2' | 'k1';
  /** `'row'` (default), `'flat'` or `'sum'`: that of the loss it is added to. */
  readonly reduction?: Reduction;
  /** Responses (or tokens, with `'flat'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * KL(π_θ ‖ π_ref) estimated on the policy's own tokens, by the log-ratio Δ = log π_θ/π_ref of each: k1 = Δ, k2 = ½Δ², k3 = e^{−Δ} − 1 + Δ
 * (Schulman 2020, “Approximating KL divergence”; k3 in GRPO, 2402.03300, eq. 4). To be multiplied by β and added to a policy-gradient loss.
 *
 * As values k1 and k3 are unbiased; as gradients only k2's, Δ, is that of the divergence: k1's is 1, whose mean is 0, k3's 1 − e^{−Δ}, that of
 * KL(π_ref ‖ π_θ).
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for an unknown estimator or reduction
 * @example
 * ```ts
 * import { klEstimateLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-2, -2), mask: row(1, 1) };
 * klEstimateLoss(inputs).dataSync()[0]!.toFixed(4); // => '0.1839'
 * ```
 */
export const klEstimateLoss: Loss<KlEstimateInputs, KlEstimateOptions> = defineLoss(
  {
    name: 'klEstimateLoss',
    family: 'policy-gradient',
    source: 'Schulman 2020; GRPO, 2402.03300, eq. 4',
    inputs: {
      policyLogps: { shape: 'B T', kind: 'logps', trained: true },
      referenceLogps: { shape: 'B T', kind: 'reference' },
      mask: { shape: 'B T', kind: 'mask' },
    },
    options: { estimator: is.oneOf('k3', 'k2', 'k1'), reduction: is.reduction('row', 'flat', 'sum') },
    golden: [],
  },
  (x, { estimator, ...mean }) =>
    average(estimates[estimator](difference(x.mask, x.policyLogps, x.referenceLogps)), x.mask, mean),
);

const estimates: Readonly<Record<'k1' | 'k2' | 'k3', (logRatio: Term) => Term>> = {
  k1: (logRatio) => logRatio,
  k2: (logRatio) => square(logRatio).times(0.5),
  k3: (logRatio) => expExcess(logRatio.negated()),
};
