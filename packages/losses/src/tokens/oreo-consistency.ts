import { ShapeError, type Tensor } from '@svo/tensor';
import {
  atLeast,
  atMost,
  difference,
  equal,
  nextValid,
  positive,
  previousValid,
  returns,
  segmentSum,
} from '../formula/operations.ts';
import type { Term } from '../formula/term.ts';
import type { Settled, Terms } from '../manifest/define-loss.ts';
import type { InputSpecs, OptionSpecs } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { slotWeights } from '../shared/row-weights.ts';
import { type TokenInputs, type TokenOptions, tokenInputs, tokenOptions, withImportance } from './token-inputs.ts';

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
  readonly reduction?: 'row' | 'flat';
  /** Trajectories (or states) of the whole accumulation window; those of this batch with a valid token by default. */
  readonly normalizer?: number;
}

/** The inputs of both; `trained` is the one that carries gradient. */
export function oreoInputs(trained: 'policyLogps' | 'values'): InputSpecs {
  return { ...tokenInputs({ [trained]: true }), stepIds: { shape: 'B T', kind: 'stepIds', optional: true } };
}

/** The options of both, with their defaults. */
export const oreoOptions: OptionSpecs = {
  ...tokenOptions,
  level: is.oneOf('token', 'step', 'response'),
  reduction: is.reduction('row', 'flat'),
};

/** @throws ShapeError where states are steps and nobody says which */
export const stepsKnown =
  (caller: string) =>
  ({ stepIds }: OreoInputs, { level }: { readonly level: string }): void => {
    if (level === 'step' && stepIds === undefined)
      throw new ShapeError(`${caller}: stepIds must be a tensor of shape [B, T] at level 'step', got undefined`);
  };

/** The states of a batch. */
export interface States {
  /** Tokens that count. */
  readonly mask: Term;
  /** Positive where a state is. */
  readonly starts: Term;
  /** What a state's square is multiplied with: one number a row, or one for all. */
  readonly weights: Term;
}

/** Where states are, and what each counts. */
export function statesOf(x: Terms<OreoInputs>, options: Settled<OreoOptions>): States {
  const { level, reduction, normalizer, importanceClip } = options;
  const mask = level === 'step' ? positive(x.mask).times(positive(x.stepIds!.plus(1))) : x.mask;
  const starts = startsOf(mask, level, x.stepIds);
  return { mask, starts, weights: withImportance(x, mask, slotWeights(starts, reduction, normalizer), importanceClip) };
}

/** Positive where a valid token follows no valid token of the same action. */
function startsOf(mask: Term, level: 'token' | 'step' | 'response', stepIds: Term | undefined): Term {
  if (level === 'token') return mask;
  const valid = positive(mask);
  if (level === 'response') return difference(mask, valid, previousValid(mask, valid));
  const numbered = stepIds!.plus(1);
  return difference(mask, valid, equal(previousValid(mask, numbered), numbered));
}

/** ρ = r − βΔ of each state's action, and of all that follows it. */
export function actions(
  x: Terms<OreoInputs>,
  { mask, starts }: States,
  beta: number,
): { readonly own: Term; readonly after: Term } {
  const shaped = difference(mask, x.rewards, logRatioOf(x).times(beta));
  // Where every token is a state, its action is itself.
  const own = starts === mask ? shaped : segmentSum(starts, shaped);
  return { own, after: nextValid(starts, returns(mask, shaped)) };
}

/** R_t − β·Λ_t, what is still to come from each token on, with Λ cut to ±`clip`. */
export function toGo(x: Terms<OreoInputs>, { mask }: States, beta: number, clip: number): Term {
  if (clip === Number.POSITIVE_INFINITY) return returns(mask, difference(mask, x.rewards, logRatioOf(x).times(beta)));
  const ahead = atLeast(atMost(returns(mask, logRatioOf(x)), clip), -clip);
  return returns(mask, x.rewards).minus(ahead.times(beta));
}

/** Δ of each token. */
export const logRatioOf = (x: Terms<OreoInputs>): Term => x.policyLogps.minus(x.referenceLogps);
