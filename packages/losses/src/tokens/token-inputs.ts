import type { Tensor } from '@svo/tensor';
import { stop } from '../formula/operations.ts';
import type { Term } from '../formula/term.ts';
import type { Terms } from '../manifest/define-loss.ts';
import type { InputSpecs, OptionSpecs } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { defaults } from '../shared/defaults.ts';
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

/** Their inputs; `trained` is the one that carries gradient, always or where an option asks for it. */
export function tokenInputs(trained: Partial<Record<'policyLogps' | 'values', true | 'byOption'>>): InputSpecs {
  const carries = (name: 'policyLogps' | 'values') => (trained[name] === undefined ? {} : { trained: trained[name] });
  return {
    policyLogps: { shape: 'B T', kind: 'logps', ...carries('policyLogps') },
    referenceLogps: { shape: 'B T', kind: 'reference' },
    values: { shape: 'B T', kind: 'values', ...carries('values') },
    rewards: { shape: 'B T', kind: 'rewards' },
    mask: { shape: 'B T', kind: 'mask' },
    behaviorLogps: { shape: 'B T', kind: 'logps', optional: true },
  };
}

/** The options of them all, with their defaults. */
export const tokenOptions: OptionSpecs = {
  beta: is.beta(defaults.tokenBeta),
  importanceClip: is.positive(Math.E, 'it is the largest weight a trajectory can have'),
};

/** A mean's weights, times each trajectory's importance where the data's policy is known. */
export function withImportance(x: Terms<TokenInputs>, mask: Term, mean: Term, importanceClip: number): Term {
  if (x.behaviorLogps === undefined) return mean;
  return stop(rowWeights(mask, x.policyLogps, x.behaviorLogps, importanceClip)).times(mean);
}
