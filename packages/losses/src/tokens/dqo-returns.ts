import { difference, nextValid, returns, stop } from '../formula/operations.ts';
import type { Term } from '../formula/term.ts';
import type { Settled, Terms } from '../manifest/define-loss.ts';
import type { OptionSpecs } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { slotWeights } from '../shared/row-weights.ts';
import { type TokenInputs, type TokenOptions, tokenOptions, withImportance } from './token-inputs.ts';

/** Options of both DQO losses. */
export interface DqoOptions extends TokenOptions {
  /** λ of the returns, 1 by default. */
  readonly lambda?: number;
  /** Mean over a trajectory's tokens and then over trajectories (default), or over all tokens. */
  readonly reduction?: 'row' | 'flat';
  /** Trajectories (or tokens) of the whole accumulation window. */
  readonly normalizer?: number;
}

/** The options of both, with their defaults. */
export const dqoOptions: OptionSpecs = {
  ...tokenOptions,
  lambda: is.within(1, [0, 1]),
  reduction: is.reduction('row', 'flat'),
};

/** ρ_t, V_{t+1}, G_t and G_{t+1}, 0 in masked slots, and what each slot's square is multiplied with: one number a row, or one for all. */
export interface Trajectories {
  readonly own: Term;
  readonly nextValues: Term;
  readonly returns: Term;
  readonly following: Term;
  readonly weights: Term;
}

/** The λ-returns of a batch, from shaped rewards ρ_t = r_t − βΔ_t. */
export function trajectories(x: Terms<TokenInputs>, options: Settled<DqoOptions>): Trajectories {
  const { beta, lambda, reduction, normalizer } = options;
  const own = difference(x.mask, x.rewards, x.policyLogps.minus(x.referenceLogps).times(beta));
  const nextValues = nextValid(x.mask, x.values);
  const bootstrapped = lambda === 1 ? own : own.plus(nextValues.times(1 - lambda));
  const all = returns(x.mask, bootstrapped, lambda);
  const mean = slotWeights(x.mask, reduction, normalizer);
  return {
    own,
    nextValues,
    returns: all,
    following: nextValid(x.mask, all),
    weights: withImportance(x, x.mask, mean, options.importanceClip),
  };
}

/** sg[x], unless gradient is to pass. */
export const stopIf = (stopped: boolean, x: Term): Term => (stopped ? stop(x) : x);
