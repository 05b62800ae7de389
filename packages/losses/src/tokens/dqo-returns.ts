import type { Arithmetic } from '@svo/tensor';
import { assertOneOf, assertWithin } from '../shared/check.ts';
import { slotWeights } from '../shared/row-weights.ts';
import {
  checkedTokens,
  type TokenInputs,
  type TokenOptions,
  type TokenTensors,
  withImportance,
} from './token-inputs.ts';

/** Options of both DQO losses. */
export interface DqoOptions extends TokenOptions {
  /** λ of the returns, 1 by default. */
  readonly lambda?: number;
  /** Mean over a trajectory's tokens and then over trajectories (default), or over all tokens. */
  readonly reduction?: 'trajectory' | 'token';
  /** Trajectories (or tokens) of the whole accumulation window. */
  readonly normalizer?: number;
}

/** The inputs as one record, with DQO's options in range. */
export function checkedDqo(caller: string, inputs: TokenInputs, options: DqoOptions): TokenTensors {
  const { lambda = 1, reduction = 'trajectory' } = options;
  const tensors = checkedTokens(caller, inputs, options);
  assertWithin(caller, 'lambda', lambda, [0, 1]);
  assertOneOf(caller, 'reduction', reduction, ['trajectory', 'token']);
  return tensors;
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
  x: Readonly<Record<keyof TokenTensors, A> & { behaviorLogps?: A }>,
  options: DqoOptions,
): Trajectories<A> {
  const { beta = 0.03, lambda = 1, reduction = 'trajectory', normalizer } = options;
  const logRatio = math.sub(x.policyLogps, x.referenceLogps);
  const own = math.difference(x.mask, x.rewards, math.mul(beta, logRatio));
  const bootstrapped = lambda === 1 ? own : math.add(own, math.mul(1 - lambda, math.nextValid(x.mask, x.values)));
  const returns = math.returns(x.mask, bootstrapped, lambda);
  const following = math.nextValid(x.mask, returns);
  const mean = slotWeights(math, x.mask, reduction, normalizer);
  return { own, returns, following, weights: withImportance(math, x, x.mask, mean, options) };
}
