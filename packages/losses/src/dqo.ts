import { type Arithmetic, assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertBeta, assertNormalizer, assertOneOf, assertPositive, assertWithin } from './check.ts';
import { rowWeights } from './importance-weights.ts';
import { slotWeights } from './row-weights.ts';

/** What both DQO losses take, all [B, T], one column a token. */
export interface DqoInputs {
  /** log π_θ(a_t | s_t), nats; carries gradient in the policy loss. */
  readonly policyLogps: Tensor;
  /** log π_ref(a_t | s_t), nats; data. */
  readonly referenceLogps: Tensor;
  /** V_φ(s_t), the value *before* token t; carries gradient in the value loss. */
  readonly values: Tensor;
  /** r_t; an outcome reward sits on the last valid token. */
  readonly rewards: Tensor;
  /** 1 on the response's tokens. */
  readonly mask: Tensor;
  /** log μ(a_t | s_t) of the policy that wrote the data; with it trajectories are importance-weighted. */
  readonly behaviorLogps?: Tensor;
}

/** Options of both DQO losses. */
export interface DqoOptions {
  /** β, 0.03 by default. */
  readonly beta?: number;
  /** λ of the returns, 1 by default. */
  readonly lambda?: number;
  /** The cap of the importance weight, e by default; without `behaviorLogps` all weights are 1. */
  readonly importanceClip?: number;
  /** Mean over a trajectory's tokens and then over trajectories (default), or over all tokens. */
  readonly reduction?: 'trajectory' | 'token';
  /** Trajectories (or tokens) of the whole accumulation window. */
  readonly normalizer?: number;
}

/** Options of `dqoPolicyLoss`. */
export interface DqoPolicyOptions extends DqoOptions {
  /** Which residual bootstraps the policy; they agree at λ = 1. `'literal'` by default. */
  readonly policyTarget?: 'literal' | 'mixed';
}

/**
 * DQO's policy loss: the policy's log-ratio is a Q-function, regressed on the λ-return of what follows.
 *
 * ρ_t = r_t − βΔ_t, G_t = ρ_t + (1−λ)V(s_{t+1}) + λG_{t+1}, V = G = 0 after the end;
 * L = mean w·δ_t², `'literal'`: δ_t = V(s_t) + βΔ_t − r_t − sg[G_{t+1}]; `'mixed'`: δ_t = V(s_t) − G_t with gradient through its own
 * Δ_t (DQO, 2410.09302, eq. 10–11 and 16). At λ = 0 the literal form is a two-step residual, the mixed one TD.
 * ∂L/∂log π_θ(a_t) = 2wβδ_t / (T_b·B); nothing flows through G, V or w.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for β ≤ 0, λ outside [0, 1], a clip ≤ 0, an unknown target
 * @example
 * ```ts
 * import { dqoPolicyLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-1, -2), values: row(0.5, 0.5), rewards: row(0, 1), mask: row(1, 1) };
 * dqoPolicyLoss(inputs).dataSync()[0]; // => 0.25
 * ```
 */
export function dqoPolicyLoss(inputs: DqoInputs, options: DqoPolicyOptions = {}): Scalar {
  const { beta = 0.03, policyTarget = 'literal' } = options;
  assertOneOf('dqoPolicyLoss', 'policyTarget', policyTarget, ['literal', 'mixed']);
  return closedForm(checked('dqoPolicyLoss', inputs, options), ['policyLogps'], (math, x) => {
    const { own, returns, following, weights } = trajectories(math, x, options);
    const target = policyTarget === 'literal' ? math.add(own, following) : returns;
    const residual = math.difference(x.mask, x.values, target);
    const weighted = math.mul(residual, weights);
    return {
      value: math.dot(weighted, residual),
      gradients: () => ({ policyLogps: math.mul(2 * beta, weighted) }),
    };
  });
}

/**
 * DQO's value loss: V is regressed on the λ-return.
 *
 * L = mean w·(sg[G_t] − V_φ(s_t))², G as in `dqoPolicyLoss` (DQO, 2410.09302, eq. 9 and 16).
 * ∂L/∂V_t = 2w(V_t − G_t) / (T_b·B); the policy receives nothing.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for β ≤ 0, λ outside [0, 1], a clip ≤ 0
 * @example
 * ```ts
 * import { dqoValueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-1, -2), values: row(0.5, 0), rewards: row(0, 1), mask: row(1, 1) };
 * dqoValueLoss(inputs).dataSync()[0]; // => 0.625
 * ```
 */
export function dqoValueLoss(inputs: DqoInputs, options: DqoOptions = {}): Scalar {
  return closedForm(checked('dqoValueLoss', inputs, options), ['values'], (math, x) => {
    const { returns, weights } = trajectories(math, x, options);
    const residual = math.difference(x.mask, x.values, returns);
    const weighted = math.mul(residual, weights);
    return {
      value: math.dot(weighted, residual),
      gradients: () => ({ values: math.mul(2, weighted) }),
    };
  });
}

type Checked = Record<Exclude<keyof DqoInputs, 'behaviorLogps'>, Tensor>;

/** The inputs as one record, in shape, with options in range; `behaviorLogps` is among them where it was given. */
function checked(caller: string, inputs: DqoInputs, options: DqoOptions): Checked {
  const { policyLogps, referenceLogps, values, rewards, mask, behaviorLogps } = inputs;
  const { beta = 0.03, lambda = 1, importanceClip = Math.E, reduction = 'trajectory', normalizer } = options;
  assertShapes(caller, {
    policyLogps: [policyLogps, 'B T'],
    referenceLogps: [referenceLogps, 'B T'],
    values: [values, 'B T'],
    rewards: [rewards, 'B T'],
    mask: [mask, 'B T'],
    ...(behaviorLogps === undefined ? {} : { behaviorLogps: [behaviorLogps, 'B T'] }),
  });
  assertBeta(caller, beta);
  assertWithin(caller, 'lambda', lambda, [0, 1]);
  assertPositive(caller, 'importanceClip', importanceClip, 'it is the largest weight a trajectory can have');
  assertOneOf(caller, 'reduction', reduction, ['trajectory', 'token']);
  assertNormalizer(caller, normalizer);
  const always = { policyLogps, referenceLogps, values, rewards, mask };
  const all = { ...always, ...(behaviorLogps === undefined ? {} : { behaviorLogps }) };
  return all;
}

/** ρ_t, G_t and G_{t+1}, 0 in masked slots, and the weight of each row. */
function trajectories<A>(
  math: Arithmetic<A>,
  x: Readonly<Record<'policyLogps' | 'referenceLogps' | 'values' | 'rewards' | 'mask', A> & { behaviorLogps?: A }>,
  options: DqoOptions,
) {
  const { beta = 0.03, lambda = 1, importanceClip = Math.E, reduction = 'trajectory', normalizer } = options;
  const logRatio = math.sub(x.policyLogps, x.referenceLogps);
  const own = math.difference(x.mask, x.rewards, math.mul(beta, logRatio));
  const bootstrapped = lambda === 1 ? own : math.add(own, math.mul(1 - lambda, math.nextValid(x.mask, x.values)));
  const returns = math.returns(x.mask, bootstrapped, lambda);
  const following = math.nextValid(x.mask, returns);
  const mean = slotWeights(math, x.mask, reduction, normalizer);
  if (x.behaviorLogps === undefined) return { own, returns, following, weights: mean };
  const importance = rowWeights(math, x.mask, x.policyLogps, x.behaviorLogps, importanceClip);
  return { own, returns, following, weights: math.mul(importance, mean) };
}
