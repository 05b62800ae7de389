import { type Arithmetic, assertShapes, negate, ShapeError, type Tensor } from '@svo/tensor';
import { assertBeta, assertNormalizer, assertOneOf, assertPositive } from './check.ts';
import { rowWeights } from './importance-weights.ts';
import { slotWeights } from './row-weights.ts';

/** What both OREO losses take, [B, T] unless said otherwise, one column a token. */
export interface OreoInputs {
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
  /** The step of each token, −1 for none; needed at `level: 'step'`. */
  readonly stepIds?: Tensor;
  /** log μ(a_t | s_t) of the policy that wrote the data (its code: the reference); with it trajectories are importance-weighted. */
  readonly behaviorLogps?: Tensor;
}

/** Options of both OREO losses. */
export interface OreoOptions {
  /** β, 0.03 by default. */
  readonly beta?: number;
  /** Where states are: before every token (default), every step, or only before the response. */
  readonly level?: 'token' | 'step' | 'response';
  /** The cap of the importance weight, e by default; without `behaviorLogps` all weights are 1. */
  readonly importanceClip?: number;
  /** Mean over a trajectory's states and then over trajectories (default), or over all states of the batch. */
  readonly reduction?: 'trajectory' | 'state';
  /** Trajectories (or states) of the whole accumulation window; those of this batch with a valid token by default. */
  readonly normalizer?: number;
}

/** The inputs of both losses by name; `behaviorLogps` may be missing at run time. */
export type OreoTensors = Record<Exclude<keyof OreoInputs, 'behaviorLogps'>, Tensor>;

/** The inputs as one record; below level 'step' the step ids play no part, and the mask stands in for them. */
export function checkedOreo(caller: string, inputs: OreoInputs, options: OreoOptions): OreoTensors {
  const { policyLogps, referenceLogps, values, rewards, mask, behaviorLogps } = inputs;
  const { beta = 0.03, level = 'token', importanceClip = Math.E, reduction = 'trajectory', normalizer } = options;
  assertOneOf(caller, 'level', level, ['token', 'step', 'response']);
  if (level === 'step' && inputs.stepIds === undefined) {
    throw new ShapeError(`${caller}: stepIds must be a tensor of shape [B, T] at level 'step', got undefined`);
  }
  const stepIds = (level === 'step' ? inputs.stepIds : undefined) ?? mask;
  assertShapes(caller, {
    policyLogps: [policyLogps, 'B T'],
    referenceLogps: [referenceLogps, 'B T'],
    values: [values, 'B T'],
    rewards: [rewards, 'B T'],
    mask: [mask, 'B T'],
    stepIds: [inputs.stepIds ?? stepIds, 'B T'],
    ...(behaviorLogps === undefined ? {} : { behaviorLogps: [behaviorLogps, 'B T'] }),
  });
  assertBeta(caller, beta);
  assertPositive(caller, 'importanceClip', importanceClip, 'it is the largest weight a trajectory can have');
  assertOneOf(caller, 'reduction', reduction, ['trajectory', 'state']);
  assertNormalizer(caller, normalizer);
  const always = { policyLogps, referenceLogps, values, rewards, mask, stepIds };
  return behaviorLogps === undefined ? always : Object.assign(always, { behaviorLogps });
}

/** Soft path consistency at the states of a batch. */
interface Consistency<A> {
  /** Tokens that count. */
  readonly mask: A;
  /** Positive where a state is. */
  readonly starts: A;
  /** V_t − R_t + βΛ_t at the states, 0 elsewhere. */
  readonly residual: A;
  /** What a state's square is multiplied with: one number a row, or one for all. */
  readonly weights: A;
}

/** Residuals and their weights; Λ cut to ±`logRatioClip` where one is given. */
export function consistency<A>(
  math: Arithmetic<A>,
  x: Readonly<Record<keyof OreoTensors, A> & { behaviorLogps?: A }>,
  options: OreoOptions,
  logRatioClip?: number,
): Consistency<A> {
  const { beta = 0.03, level = 'token', importanceClip = Math.E, normalizer } = options;
  const mask = level === 'step' ? math.mul(math.positive(x.mask), math.positive(math.add(x.stepIds, 1))) : x.mask;
  const starts = statesOf(math, mask, x.stepIds, level);
  const toGo = rewardsToGo(math, mask, x, beta, logRatioClip);
  const residual = math.difference(starts, x.values, toGo);
  const mean = slotWeights(math, starts, options.reduction === 'state' ? 'step' : 'trajectory', normalizer);
  if (x.behaviorLogps === undefined) return { mask, starts, residual, weights: mean };
  const importance = rowWeights(math, mask, x.policyLogps, x.behaviorLogps, importanceClip);
  return { mask, starts, residual, weights: math.mul(importance, mean) };
}

/** R_t − βΛ_t: what is still to come from each token on. */
function rewardsToGo<A>(
  math: Arithmetic<A>,
  mask: A,
  x: Readonly<Record<'policyLogps' | 'referenceLogps' | 'rewards', A>>,
  beta: number,
  logRatioClip: number | undefined,
): A {
  const logRatio = math.sub(x.policyLogps, x.referenceLogps);
  if (logRatioClip === undefined)
    return math.returns(mask, math.difference(mask, x.rewards, math.mul(beta, logRatio)), 1);
  const ahead = math.returns(mask, logRatio, 1);
  const cut = negate(math, math.atMost(negate(math, math.atMost(ahead, logRatioClip)), logRatioClip));
  return math.sub(math.returns(mask, x.rewards, 1), math.mul(beta, cut));
}

/** Positive where a valid token follows no valid token of the same action. */
function statesOf<A>(math: Arithmetic<A>, mask: A, stepIds: A, level: 'token' | 'step' | 'response'): A {
  if (level === 'token') return mask;
  const valid = math.positive(mask);
  if (level === 'response') return math.difference(mask, valid, math.previousValid(mask, valid));
  const numbered = math.add(stepIds, 1);
  return math.difference(mask, valid, math.equal(math.previousValid(mask, numbered), numbered));
}
