import type { Tensor } from '@svo/tensor';
import { difference } from '../formula/operations.ts';
import { defineOperation } from '../manifest/define-operation.ts';
import * as is from '../manifest/options.ts';
import { defaults } from '../shared/defaults.ts';

/** What `implicitRewards` takes, all [B, T] (one column a token) or [B, S] (a step, from `stepLogps`). */
export interface ImplicitRewardsInputs {
  /** log π_φ of the trained verifier, nats. */
  readonly policyLogps: Tensor;
  /** log π_ref, nats. */
  readonly referenceLogps: Tensor;
  /** 1 on what is real. */
  readonly mask: Tensor;
}

/** Options of `implicitRewards`. */
export interface ImplicitRewardsOptions {
  /** β, 0.05 by default: that of `implicitPrmLoss`. */
  readonly beta?: number;
}

/**
 * The process rewards of an implicit reward model, r = β·log π_φ/π_ref of each token or step, without gradient (2412.01981, proposition 3.1; PRIME,
 * 2502.01456, eq. 3). βΣ_{k≤t}Δ_k is its Q of the response so far, so that r_t = Q_t − Q_{t−1} is an advantage: a credit of `dvoLoss` as it is, a
 * reward of DQO's losses beside the outcome.
 *
 * @returns data of the inputs' shape, in units of the reward; 0 in masked slots. A row adds up to the verifier's logit
 * @throws ShapeError when shapes differ; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { implicitRewards } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * implicitRewards({ policyLogps: row(-1, -2), referenceLogps: row(-2, -1), mask: row(1, 1) }, { beta: 0.5 }).dataSync(); // => [0.5, -0.5]
 * ```
 */
export function implicitRewards(inputs: ImplicitRewardsInputs, options: ImplicitRewardsOptions = {}): Tensor {
  return rewards(inputs, options);
}

const rewards = defineOperation<ImplicitRewardsInputs, ImplicitRewardsOptions>(
  {
    name: 'implicitRewards',
    inputs: {
      policyLogps: { shape: 'B T', kind: 'logps' },
      referenceLogps: { shape: 'B T', kind: 'reference' },
      mask: { shape: 'B T', kind: 'mask' },
    },
    options: { beta: is.beta(defaults.verifierBeta) },
  },
  (x, { beta }) => difference(x.mask, x.policyLogps, x.referenceLogps).times(beta),
);
