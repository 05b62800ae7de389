import { type Arithmetic, assertShapes, negate, ShapeError, type Tensor } from '@svo/tensor';
import { assertOneOf } from '../shared/check.ts';
import { slotWeights } from '../shared/row-weights.ts';
import {
  checkedTokens,
  type TokenInputs,
  type TokenOptions,
  type TokenTensors,
  withImportance,
} from './token-inputs.ts';

/** What both OREO losses take, all [B, T]; its code's behaviour policy is the reference. */
export interface OreoInputs extends TokenInputs {
  /** The step of each token, −1 for none; needed at `level: 'step'`. */
  readonly stepIds?: Tensor;
}

/** Options of both OREO losses. */
export interface OreoOptions extends TokenOptions {
  /** Where states are: before every token (default), every step, or only before the response. */
  readonly level?: 'token' | 'step' | 'response';
  /** Mean over a trajectory's states and then over trajectories (default), or over all states of the batch. */
  readonly reduction?: 'trajectory' | 'state';
  /** Trajectories (or states) of the whole accumulation window; those of this batch with a valid token by default. */
  readonly normalizer?: number;
}

/** The inputs of both losses by name. */
export type OreoTensors = TokenTensors & Readonly<{ stepIds: Tensor }>;

/** The inputs as one record; below level 'step' the step ids play no part, and the mask stands in for them. */
export function checkedOreo(caller: string, inputs: OreoInputs, options: OreoOptions): OreoTensors {
  const { level = 'token', reduction = 'trajectory' } = options;
  const { mask, stepIds = mask } = inputs;
  assertOneOf(caller, 'level', level, ['token', 'step', 'response']);
  if (level === 'step' && inputs.stepIds === undefined) {
    throw new ShapeError(`${caller}: stepIds must be a tensor of shape [B, T] at level 'step', got undefined`);
  }
  const tensors = checkedTokens(caller, inputs, options);
  assertShapes(caller, { policyLogps: [inputs.policyLogps, 'B T'], stepIds: [stepIds, 'B T'] });
  assertOneOf(caller, 'reduction', reduction, ['trajectory', 'state']);
  return { ...tensors, stepIds: level === 'step' ? stepIds : mask };
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
  const { beta = 0.03, level = 'token', normalizer } = options;
  const mask = level === 'step' ? math.mul(math.positive(x.mask), math.positive(math.add(x.stepIds, 1))) : x.mask;
  const starts = statesOf(math, mask, x.stepIds, level);
  const toGo = rewardsToGo(math, mask, x, beta, logRatioClip);
  const residual = math.difference(starts, x.values, toGo);
  const mean = slotWeights(math, starts, options.reduction === 'state' ? 'step' : 'trajectory', normalizer);
  return { mask, starts, residual, weights: withImportance(math, x, mask, mean, options) };
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
