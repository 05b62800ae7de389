import { type Arithmetic, assertShapes, type Tensor } from '@svo/tensor';
import { assertBeta, assertNormalizer, assertPositive } from '../shared/check.ts';
import { rowWeights } from './importance-weights.ts';

/** What DQO's and OREO's losses take, all [B, T], one column a token. */
export interface TokenInputs {
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

/** Options of them all. */
export interface TokenOptions {
  /** β, 0.03 by default. */
  readonly beta?: number;
  /** The cap of the importance weight, e by default; without `behaviorLogps` all weights are 1. */
  readonly importanceClip?: number;
}

/** The inputs by name; `behaviorLogps` may be missing at run time. */
export type TokenTensors = Record<Exclude<keyof TokenInputs, 'behaviorLogps'>, Tensor>;

/** The inputs as one record, in shape, with the common options in range; `behaviorLogps` is among them where it was given. */
export function checkedTokens(
  caller: string,
  inputs: TokenInputs,
  options: TokenOptions & { readonly normalizer?: number },
): TokenTensors {
  const { policyLogps, referenceLogps, values, rewards, mask, behaviorLogps } = inputs;
  const { beta = 0.03, importanceClip = Math.E, normalizer } = options;
  assertShapes(caller, {
    policyLogps: [policyLogps, 'B T'],
    referenceLogps: [referenceLogps, 'B T'],
    values: [values, 'B T'],
    rewards: [rewards, 'B T'],
    mask: [mask, 'B T'],
    ...(behaviorLogps === undefined ? {} : { behaviorLogps: [behaviorLogps, 'B T'] }),
  });
  assertBeta(caller, beta);
  assertPositive(caller, 'importanceClip', importanceClip, 'it is the largest weight a trajectory can have');
  assertNormalizer(caller, normalizer);
  const always = { policyLogps, referenceLogps, values, rewards, mask };
  return behaviorLogps === undefined ? always : Object.assign(always, { behaviorLogps });
}

/** A mean's weights, times each trajectory's importance where the data's policy is known. */
export function withImportance<A>(
  math: Arithmetic<A>,
  x: Readonly<{ policyLogps: A; behaviorLogps?: A }>,
  mask: A,
  mean: A,
  { importanceClip = Math.E }: TokenOptions,
): A {
  if (x.behaviorLogps === undefined) return mean;
  return math.mul(rowWeights(math, mask, x.policyLogps, x.behaviorLogps, importanceClip), mean);
}
