import { type Arithmetic, assertShapes, type Tensor } from '@svo/tensor';
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

/** The inputs of both losses by name; `behaviorLogps` may be missing at run time. */
export type DqoTensors = Record<Exclude<keyof DqoInputs, 'behaviorLogps'>, Tensor>;

/** The inputs as one record, in shape, with options in range; `behaviorLogps` is among them where it was given. */
export function checkedDqo(caller: string, inputs: DqoInputs, options: DqoOptions): DqoTensors {
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

/** ρ_t, G_t and G_{t+1}, 0 in masked slots, and what each slot's square is multiplied with: one number a row, or one for all. */
interface Trajectories<A> {
  readonly own: A;
  readonly returns: A;
  readonly following: A;
  readonly weights: A;
}

/** The λ-returns of a batch, from shaped rewards ρ_t = r_t − βΔ_t. */
export function trajectories<A>(
  math: Arithmetic<A>,
  x: Readonly<Record<'policyLogps' | 'referenceLogps' | 'values' | 'rewards' | 'mask', A> & { behaviorLogps?: A }>,
  options: DqoOptions,
): Trajectories<A> {
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
