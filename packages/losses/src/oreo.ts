import { type Arithmetic, assertShapes, closedForm, type Scalar, ShapeError, type Tensor } from '@svo/tensor';
import { assertBeta, assertNormalizer, assertNotNegative, assertOneOf } from './check.ts';
import { slotWeights } from './row-weights.ts';
import { exponentialExcess, oneMinusExp } from './small-exponents.ts';

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
}

/** Options of both OREO losses. */
export interface OreoOptions {
  /** β, 0.03 by default. */
  readonly beta?: number;
  /** Where states are: before every token (default), every step, or only before the response. */
  readonly level?: 'token' | 'step' | 'response';
  /** Trajectories of the whole accumulation window; those of this batch with a valid token by default. */
  readonly normalizer?: number;
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
  const { beta = 0.03, level = 'token', klWeight = 0, normalizer } = options;
  assertNotNegative('oreoPolicyLoss', 'klWeight', klWeight);
  return closedForm(checked('oreoPolicyLoss', inputs, options), ['policyLogps'], (math, x) => {
    const { mask, starts, residual, weights } = consistency(math, x, options);
    const weighted = math.mul(residual, weights);
    // What a state's residual says is said to every token of its action.
    const perToken = level === 'token' ? weighted : math.mul(mask, math.carryForward(starts, weighted));
    const value = math.dot(weighted, residual);
    const gradient = math.mul(2 * beta, perToken);
    if (klWeight === 0) return { value, gradients: () => ({ policyLogps: gradient }) };
    const logRatio = math.difference(mask, x.policyLogps, x.referenceLogps);
    const tokenWeights = math.mul(
      math.positive(mask),
      math.mul(klWeight, slotWeights(math, mask, 'trajectory', normalizer)),
    );
    const drift = math.dot(tokenWeights, exponentialExcess(math, logRatio));
    const pull = math.mul(tokenWeights, oneMinusExp(math, logRatio));
    return { value: math.add(value, drift), gradients: () => ({ policyLogps: math.add(gradient, pull) }) };
  });
}

/**
 * OREO's value loss: the same residual, with gradient to the values alone.
 *
 * L = mean_b (1/n_b) Σ_{states t} (V_φ(s_t) − R_t + β·sg[Λ_t])², Λ_t the log-ratio from t to the end (OREO, 2412.16145, eq. 8).
 * ∂L/∂V_t = 2·residual/(n_b·B) at states, 0 elsewhere. Its value equals the policy loss without the KL term.
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
export function oreoValueLoss(inputs: OreoInputs, options: OreoOptions = {}): Scalar {
  return closedForm(checked('oreoValueLoss', inputs, options), ['values'], (math, x) => {
    const { residual, weights } = consistency(math, x, options);
    const weighted = math.mul(residual, weights);
    return {
      value: math.dot(weighted, residual),
      gradients: () => ({ values: math.mul(2, weighted) }),
    };
  });
}

type Checked = Record<keyof OreoInputs, Tensor>;

/** The inputs as one record; below level 'step' the step ids play no part, and the mask stands in for them. */
function checked(caller: string, inputs: OreoInputs, options: OreoOptions): Checked {
  const { policyLogps, referenceLogps, values, rewards, mask } = inputs;
  const { beta = 0.03, level = 'token', normalizer } = options;
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
  });
  assertBeta(caller, beta);
  assertNormalizer(caller, normalizer);
  return { policyLogps, referenceLogps, values, rewards, mask, stepIds };
}

/** Residuals V_t − R_t + βΛ_t at the states, 0 elsewhere, and the weight of each. */
function consistency<A>(math: Arithmetic<A>, x: Readonly<Record<keyof Checked, A>>, options: OreoOptions) {
  const { beta = 0.03, level = 'token', normalizer } = options;
  const mask = level === 'step' ? math.mul(math.positive(x.mask), math.positive(math.add(x.stepIds, 1))) : x.mask;
  const starts = statesOf(math, mask, x.stepIds, level);
  const logRatio = math.sub(x.policyLogps, x.referenceLogps);
  const toGo = math.returns(mask, math.difference(mask, x.rewards, math.mul(beta, logRatio)), 1);
  const residual = math.difference(starts, x.values, toGo);
  return { mask, starts, residual, weights: slotWeights(math, starts, 'trajectory', normalizer) };
}

/** Positive where a valid token follows no valid token of the same action. */
function statesOf<A>(math: Arithmetic<A>, mask: A, stepIds: A, level: 'token' | 'step' | 'response'): A {
  if (level === 'token') return mask;
  const valid = math.positive(mask);
  if (level === 'response') return math.difference(mask, valid, math.previousValid(mask, valid));
  const numbered = math.add(stepIds, 1);
  return math.difference(mask, valid, math.equal(math.previousValid(mask, numbered), numbered));
}
