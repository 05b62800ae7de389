import { closedForm, type Scalar } from '@svo/tensor';
import { assertNotNegative, assertPositive } from '../shared/check.ts';
import { slotWeights } from '../shared/row-weights.ts';
import { exponentialExcess, oneMinusExp } from '../shared/small-exponents.ts';
import { checkedOreo, consistency, type OreoInputs, type OreoOptions } from './oreo-consistency.ts';

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
 * `reduction: 'state'` all squares and all KL_t are summed and divided by the number of states.
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
export function oreoPolicyLoss(inputs: OreoInputs, options: OreoPolicyOptions = {}): Scalar {
  const { beta = 0.03, level = 'token', klWeight = 0, reduction = 'trajectory', normalizer } = options;
  assertNotNegative('oreoPolicyLoss', 'klWeight', klWeight);
  return closedForm(checkedOreo('oreoPolicyLoss', inputs, options), ['policyLogps'], (math, x) => {
    const { mask, starts, residual, weights } = consistency(math, x, options);
    const weighted = math.mul(residual, weights);
    // What a state's residual says is said to every token of its action.
    const perToken = level === 'token' ? weighted : math.mul(mask, math.carryForward(starts, weighted));
    const value = math.dot(weighted, residual);
    const gradient = math.mul(2 * beta, perToken);
    if (klWeight === 0) return { value, gradients: () => ({ policyLogps: gradient }) };
    const logRatio = math.difference(mask, x.policyLogps, x.referenceLogps);
    const mean =
      reduction === 'state'
        ? slotWeights(math, starts, 'step', normalizer)
        : slotWeights(math, mask, 'trajectory', normalizer);
    const tokenWeights = math.mul(math.positive(mask), math.mul(klWeight, mean));
    const drift = math.dot(tokenWeights, exponentialExcess(math, logRatio));
    const pull = math.mul(tokenWeights, oneMinusExp(math, logRatio));
    return { value: math.add(value, drift), gradients: () => ({ policyLogps: math.add(gradient, pull) }) };
  });
}

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
export function oreoValueLoss(inputs: OreoInputs, options: OreoValueOptions = {}): Scalar {
  const { logRatioClip } = options;
  if (logRatioClip !== undefined)
    assertPositive('oreoValueLoss', 'logRatioClip', logRatioClip, 'the log-ratio is cut to ± it');
  return closedForm(checkedOreo('oreoValueLoss', inputs, options), ['values'], (math, x) => {
    const { residual, weights } = consistency(math, x, options, logRatioClip);
    const weighted = math.mul(residual, weights);
    return {
      value: math.dot(weighted, residual),
      gradients: () => ({ values: math.mul(2, weighted) }),
    };
  });
}
