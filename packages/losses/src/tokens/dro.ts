import { type Arithmetic, assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertFinite, assertNormalizer, assertPositive } from '../shared/check.ts';

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
 * const [policyLogps, referenceLogps, values, rewards] = [[-7, -3], [-6, -4], [0.2, -0.4], [1, -1]].map((row) => tf.tensor1d(row));
 * droPolicyLoss({ policyLogps, referenceLogps, values, rewards }).dataSync()[0].toFixed(4); // => '1.4500'
 * ```
 */
export function droPolicyLoss(inputs: DroInputs, options: DroOptions = {}): Scalar {
  const { tau = 1 } = options;
  const { tensors, share } = checked('droPolicyLoss', inputs, options);
  return closedForm(tensors, ['policyLogps'], (math, x) => {
    const { value, residual } = halfSquare(math, x, tau, share);
    return { value, gradients: () => ({ policyLogps: math.mul(-tau * share, residual) }) };
  });
}

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
 * const [policyLogps, referenceLogps, values, rewards] = [[-7, -3], [-6, -4], [0.2, -0.4], [1, -1]].map((row) => tf.tensor1d(row));
 * droValueLoss({ policyLogps, referenceLogps, values, rewards }).dataSync()[0].toFixed(4); // => '1.4500'
 * ```
 */
export function droValueLoss(inputs: DroInputs, options: DroOptions = {}): Scalar {
  const { tau = 1 } = options;
  const { tensors, share } = checked('droValueLoss', inputs, options);
  return closedForm(tensors, ['values'], (math, x) => {
    const { value, residual } = halfSquare(math, x, tau, share);
    return { value, gradients: () => ({ values: math.mul(-share, residual) }) };
  });
}

function checked(caller: string, inputs: DroInputs, { tau = 1, scale = 1, normalizer }: DroOptions) {
  const { policyLogps, referenceLogps, values, rewards } = inputs;
  const { B } = assertShapes(caller, {
    policyLogps: [policyLogps, 'B'],
    referenceLogps: [referenceLogps, 'B'],
    values: [values, 'B'],
    rewards: [rewards, 'B'],
  });
  assertPositive(caller, 'tau', tau, 'it multiplies log π/π_ref, as β does elsewhere');
  assertFinite(caller, 'scale', scale);
  assertNormalizer(caller, normalizer);
  return {
    tensors: { policyLogps, referenceLogps, values, rewards },
    share: scale / (normalizer ?? Math.max(B, 1)),
  };
}

/** r − V − τΔ, and half the mean of its square. */
function halfSquare<A>(math: Arithmetic<A>, x: Readonly<Record<keyof DroInputs, A>>, tau: number, share: number) {
  const logRatio = math.sub(x.policyLogps, x.referenceLogps);
  const residual = math.sub(math.sub(x.rewards, x.values), math.mul(tau, logRatio));
  return { residual, value: math.mul(0.5 * share, math.sum(math.square(residual))) };
}
