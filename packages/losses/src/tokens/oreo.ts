import { difference, expExcess, positive, square, stop, sum } from '../formula/operations.ts';
import { term } from '../formula/term.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { slotWeights } from '../shared/row-weights.ts';
import {
  actions,
  logRatioOf,
  type OreoInputs,
  type OreoOptions,
  oreoInputs,
  oreoOptions,
  statesOf,
  stepsKnown,
  toGo,
} from './oreo-consistency.ts';

/** Options of `oreoValueLoss`. */
export interface OreoValueOptions extends OreoOptions {
  /** c: the log-ratio Λ_t is cut to [−c, c] before β multiplies it; not at all by default. */
  readonly logRatioClip?: number;
}

/** Options of `oreoPolicyLoss`. */
export interface OreoPolicyOptions extends OreoOptions {
  /** α of the KL term, estimated on the sampled tokens; 0 by default (the paper: 0.01 token, 0.1 step, 0.3 response). */
  readonly klWeight?: number;
}

/**
 * OREO's policy loss: soft path consistency, one action at a time.
 *
 * L = mean_b (1/n_b) Σ_{states t} (V(s_t) − R_t + βΔ(a_t) + β·sg[Λ_after])² + α·mean_b (1/T_b) Σ_t KL_t, where the action a_t is a token, a
 * step or the response, Λ_after the log-ratio of all that follows, R_t the rewards from t on, and KL_t = e^{−Δ_t} + Δ_t − 1
 * the sampled estimate (OREO, 2412.16145, eq. 9–10). Every token of the action receives 2β·residual/(n_b·B).
 *
 * With `behaviorLogps` a trajectory's squares are multiplied by w = min(e, Π π_θ/μ), without gradient, as its code can. With
 * `reduction: 'flat'` all squares and all KL_t are summed and divided by the number of states.
 *
 * For the full-vocabulary KL leave `klWeight` at 0 and add α·`maskedMean(klPenalty(…))`.
 *
 * @throws ShapeError when shapes differ or `stepIds` is missing at level 'step'; RangeError for β ≤ 0, α < 0, an unknown level
 * @example
 * ```ts
 * import { oreoPolicyLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-1, -2), values: row(0.5, 0.5), rewards: row(0, 1), mask: row(1, 1) };
 * oreoPolicyLoss(inputs).dataSync()[0]; // => 0.25
 * ```
 */
export const oreoPolicyLoss: Loss<OreoInputs, OreoPolicyOptions> = defineLoss(
  {
    name: 'oreoPolicyLoss',
    family: 'tokens',
    source: 'OREO, 2412.16145, eq. 9 and 10',
    inputs: oreoInputs('policyLogps'),
    options: { ...oreoOptions, klWeight: is.notNegative(0, 'alpha') },
    golden: ['oreo.token', 'oreo.step'],
  },
  (x, options) => {
    const { beta, klWeight, reduction, normalizer } = options;
    const states = statesOf(x, options);
    const { mask, starts, weights } = states;
    const { own, after } = actions(x, states, beta);
    const residual = difference(starts, x.values, own.plus(stop(after)));
    const consistency = sum(square(residual).times(weights));
    if (klWeight === 0) return consistency;
    // KL_t = e^{−Δ} − 1 + Δ.
    const drift = expExcess(difference(mask, term(0), logRatioOf(x)));
    const perToken = slotWeights(reduction === 'flat' ? starts : mask, reduction, normalizer);
    return consistency.plus(sum(positive(mask).times(drift).times(perToken)).times(klWeight));
  },
  stepsKnown('oreoPolicyLoss'),
);

/**
 * OREO's value loss: the same residual, with gradient to the values alone.
 *
 * L = mean_b (1/n_b) Σ_{states t} (V_φ(s_t) − R_t + β·sg[Λ_t])², Λ_t the log-ratio from t to the end (OREO, 2412.16145, eq. 8).
 * ∂L/∂V_t = 2·residual/(n_b·B) at states, 0 elsewhere. Its value equals the policy loss without the
 * KL term, unless `logRatioClip` cuts Λ_t to [−c, c] (its code's `clip_log`).
 *
 * @throws ShapeError when shapes differ or `stepIds` is missing at level 'step'; RangeError for β ≤ 0 or an unknown level
 * @example
 * ```ts
 * import { oreoValueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-1, -2), values: row(0.5, 0), rewards: row(0, 1), mask: row(1, 1) };
 * oreoValueLoss(inputs).dataSync()[0]; // => 0.625
 * ```
 */
export const oreoValueLoss: Loss<OreoInputs, OreoValueOptions> = defineLoss(
  {
    name: 'oreoValueLoss',
    family: 'tokens',
    source: 'OREO, 2412.16145, eq. 8',
    inputs: oreoInputs('values'),
    options: { ...oreoOptions, logRatioClip: is.positive(Number.POSITIVE_INFINITY, 'the log-ratio is cut to ± it') },
    golden: ['oreo.token', 'dqo.is_weight'],
  },
  (x, options) => {
    const states = statesOf(x, options);
    const residual = difference(states.starts, x.values, toGo(x, states, options.beta, options.logRatioClip));
    return sum(square(residual).times(states.weights));
  },
  stepsKnown('oreoValueLoss'),
);
