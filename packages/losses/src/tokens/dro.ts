import type { Tensor } from '@svo/tensor';
import { square, sum } from '../formula/operations.ts';
import { size, type Term } from '../formula/term.ts';
import { defineLoss, type Settled, type Terms } from '../manifest/define-loss.ts';
import type { InputSpecs, Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';

/** What both DRO losses take, all [B], one row a whole response. */
export interface DroInputs {
  /** log π_θ(y | x), summed over the response, nats; carries gradient in the policy loss. */
  readonly policyLogps: Tensor;
  /** log π_ref(y | x); data. */
  readonly referenceLogps: Tensor;
  /** V_φ(x); carries gradient in the value loss. */
  readonly values: Tensor;
  /** r(x, y); the paper normalises rewards to mean 0 and variance 1. */
  readonly rewards: Tensor;
}

/** Options of both DRO losses. */
export interface DroOptions {
  /** τ, 1 by default (the paper's best). */
  readonly tau?: number;
  /** A factor in front, 1 by default; 1/τ is the paper's practical recipe for the policy. */
  readonly scale?: number;
  /** Responses of the whole accumulation window; B by default. */
  readonly normalizer?: number;
}

const droInputs = {
  policyLogps: { shape: 'B', kind: 'logps' },
  referenceLogps: { shape: 'B', kind: 'reference' },
  values: { shape: 'B', kind: 'values' },
  rewards: { shape: 'B', kind: 'rewards' },
} as const satisfies InputSpecs;

const droOptions = {
  tau: is.positive(1, 'it multiplies log π/π_ref, as β does elsewhere', 'tau'),
  scale: is.finite(1),
} as const;

/**
 * DRO's policy loss: one response, one reward, no preference pair.
 *
 * L = mean ½(r − V(x) − τΔ(y))² (DRO, 2405.19107, eq. 4); ∂L/∂log π_θ(y) = −τ(r − V − τΔ)/B, the values are data.
 * The paper's practical recipe divides the policy's gradient by τ: `scale: 1 / tau`.
 *
 * @throws ShapeError when an input is not [B]; RangeError for τ ≤ 0 or a scale that is no number
 * @example
 * ```ts
 * import { droPolicyLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const policyLogps = tf.tensor1d([-7, -3]);
 * const referenceLogps = tf.tensor1d([-6, -4]);
 * const values = tf.tensor1d([0.2, -0.4]);
 * const rewards = tf.tensor1d([1, -1]);
 * droPolicyLoss({ policyLogps, referenceLogps, values, rewards }).dataSync()[0]!.toFixed(4); // => '1.4500'
 * ```
 */
export const droPolicyLoss: Loss<DroInputs, DroOptions> = defineLoss(
  {
    name: 'droPolicyLoss',
    family: 'tokens',
    source: 'DRO, 2405.19107, eq. 4',
    inputs: { ...droInputs, policyLogps: { ...droInputs.policyLogps, trained: true } },
    options: droOptions,
    golden: ['dro.paper'],
  },
  halfSquare,
);

/**
 * DRO's value loss: the same square, with gradient to V alone.
 *
 * L = mean ½(r − V_φ(x) − τΔ(y))² (DRO, 2405.19107, eq. 4); ∂L/∂V = −(r − V − τΔ)/B.
 *
 * @throws ShapeError when an input is not [B]; RangeError for τ ≤ 0 or a scale that is no number
 * @example
 * ```ts
 * import { droValueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const policyLogps = tf.tensor1d([-7, -3]);
 * const referenceLogps = tf.tensor1d([-6, -4]);
 * const values = tf.tensor1d([0.2, -0.4]);
 * const rewards = tf.tensor1d([1, -1]);
 * droValueLoss({ policyLogps, referenceLogps, values, rewards }).dataSync()[0]!.toFixed(4); // => '1.4500'
 * ```
 */
export const droValueLoss: Loss<DroInputs, DroOptions> = defineLoss(
  {
    name: 'droValueLoss',
    family: 'tokens',
    source: 'DRO, 2405.19107, eq. 4',
    inputs: { ...droInputs, values: { ...droInputs.values, trained: true } },
    options: droOptions,
    golden: ['dro.paper'],
  },
  halfSquare,
);

/** ½·mean (r − V − τΔ)². */
function halfSquare(x: Terms<DroInputs>, { tau, scale, normalizer }: Settled<DroOptions>): Term {
  const logRatio = x.policyLogps.minus(x.referenceLogps);
  const residual = x.rewards.minus(x.values).minus(logRatio.times(tau));
  return sum(square(residual).times(scale / 2)).over(normalizer ?? size('B'));
}
