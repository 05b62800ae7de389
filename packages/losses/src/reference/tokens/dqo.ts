import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { sum } from '../shared/numerics.ts';
import { average, byRow, bySlot, everywhere, following } from '../shared/reduce.ts';
import type { Matrix, Reference } from '../shared/types.ts';
import { lambdaReturns, rowImportance } from '../steps/returns.ts';

/** The inputs of both DQO losses, [B, T]. */
export interface DqoArrays {
  readonly policyLogps: Matrix;
  readonly referenceLogps: Matrix;
  readonly values: Matrix;
  readonly rewards: Matrix;
  readonly mask: Matrix;
  readonly behaviorLogps?: Matrix;
}

/** The options of both DQO losses. */
export interface DqoArrayOptions {
  readonly beta?: number;
  readonly lambda?: number;
  readonly importanceClip?: number;
  readonly reduction?: 'row' | 'flat';
  readonly policyTarget?: 'literal' | 'mixed';
  readonly detachFuture?: boolean;
  readonly detachValues?: boolean;
  readonly normalizer?: number;
}

/**
 * L = mean w·δ², δ_h = V_h + βΔ_h − r_h − G_{h+1} (`'literal'`) or V_h − [r_h − βΔ_h + (1−λ)V_{h+1} + λG_{h+1}] (`'mixed'`)
 * (DQO, 2410.09302, eq. 10–11, 16). What follows h and the weight read `frozen`, and the values too, as far as they are detached:
 * finite differences then see exactly what the gradient sees.
 *
 * Shapes: all inputs [B, T]; gradients on `policyLogps` and `values` [B, T], the latter 0 while detached.
 * @example
 * ```ts
 * import { dqoPolicyLoss } from '@svo/losses/reference';
 * const rows = { policyLogps: [[-1, -2]], referenceLogps: [[-1, -2]], values: [[0.5, 0.5]], rewards: [[0, 1]], mask: [[1, 1]] };
 * dqoPolicyLoss(rows).value.toFixed(6); // => '0.250000'
 * ```
 */
export function dqoPolicyLoss(
  inputs: DqoArrays,
  options: DqoArrayOptions = {},
  frozen: DqoArrays = inputs,
): Reference<'policyLogps' | 'values', Matrix> {
  assertOptions('dqoPolicyLoss', options, [
    'beta',
    'lambda',
    'importanceClip',
    'reduction',
    'policyTarget',
    'detachFuture',
    'detachValues',
    'normalizer',
  ]);
  const {
    beta = defaults.tokenBeta,
    lambda = 1,
    policyTarget = 'literal',
    detachFuture = true,
    detachValues = true,
  } = options;
  const { reduction = 'row', normalizer, importanceClip } = options;
  const { mask } = inputs;
  const values = detachValues ? frozen.values : inputs.values;
  const slopeless = detachValues ? mask.map((row) => row.map(() => 0)) : undefined;
  const tokens = {
    ...{ policy: inputs.policyLogps, reference: inputs.referenceLogps, reward: inputs.rewards, v: values },
    ...returnsOf(detachFuture ? frozen : { ...inputs, values }, beta, lambda),
    weight: rowImportance(frozen, mask, importanceClip),
  };
  const { value, slopes } = average(mask, tokens, { reduction, normalizer }, (token) => {
    const { policy, reference, reward, v, nextV, nextG, weight } = token;
    const after = policyTarget === 'literal' ? nextG : (1 - lambda) * nextV + lambda * nextG;
    const delta = v - (reward - beta * (policy - reference)) - after;
    return { loss: weight * delta * delta, slope: 2 * weight * delta };
  });
  // ∂(what follows slot a)/∂(ρ, V of slot b), n = b − a slots later: from the definition of the returns.
  const reach = policyTarget === 'literal' ? 1 : 0;
  const byReward = (n: number): number => (detachFuture || n < 1 ? 0 : lambda ** (n - reach));
  const byValue = (n: number): number => (detachFuture || n < 1 + reach ? 0 : (1 - lambda) * lambda ** (n - 1 - reach));
  const spread = (own: number, later: (n: number) => number): number[][] =>
    byRow(mask, { slope: slopes }, (row) =>
      row.map((_, b) => sum(row.map(({ slope }, a) => slope * (a === b ? own : later(b - a))))),
    );
  return {
    value,
    gradients: {
      policyLogps: spread(beta, (n) => beta * byReward(n)),
      values: slopeless ?? spread(1, (n) => -byValue(n)),
    },
  };
}

/**
 * L = mean w·(sg[G_h] − V_h)², G the λ-return of ρ = r − βΔ; ∂L/∂V_h = 2w(V_h − G_h)/(T_b·B) (DQO, 2410.09302, eq. 9, 16).
 * `frozen` holds what sg[·] reads.
 *
 * Shapes: all inputs [B, T]; gradient on `values` [B, T].
 * @example
 * ```ts
 * import { dqoValueLoss } from '@svo/losses/reference';
 * const rows = { policyLogps: [[-1, -2]], referenceLogps: [[-1, -2]], values: [[0.5, 0.5]], rewards: [[0, 1]], mask: [[1, 1]] };
 * dqoValueLoss(rows).value.toFixed(6); // => '0.250000'
 * ```
 */
export function dqoValueLoss(
  inputs: DqoArrays,
  options: DqoArrayOptions = {},
  frozen: DqoArrays = inputs,
): Reference<'values', Matrix> {
  assertOptions('dqoValueLoss', options, [
    'beta',
    'lambda',
    'importanceClip',
    'reduction',
    'policyTarget',
    'detachFuture',
    'detachValues',
    'normalizer',
  ]);
  const { beta = defaults.tokenBeta, lambda = 1, reduction = 'row', normalizer, importanceClip } = options;
  const { g } = returnsOf(frozen, beta, lambda);
  const tokens = { v: inputs.values, g, weight: rowImportance(frozen, inputs.mask, importanceClip) };
  const { value, slopes } = average(inputs.mask, tokens, { reduction, normalizer }, ({ v, g, weight }) => {
    const miss = v - g;
    return { loss: weight * miss * miss, slope: 2 * weight * miss };
  });
  return { value, gradients: { values: slopes } };
}

/** G_h, V(s_{h+1}) and G_{h+1}; 0 after the last. */
function returnsOf(inputs: DqoArrays, beta: number, lambda: number) {
  const { mask, values } = inputs;
  const nextV = following(mask, values);
  const g = lambdaReturns(shapedRewards(inputs, beta), nextV, mask, { lambda });
  return { g, nextV, nextG: following(mask, g) };
}

/** ρ = r − βΔ; 0 in masked slots. */
const shapedRewards = (inputs: Omit<DqoArrays, 'values'>, beta: number): number[][] =>
  bySlot(
    inputs.mask,
    { policy: inputs.policyLogps, reference: inputs.referenceLogps, reward: inputs.rewards },
    ({ policy, reference, reward }) => reward - beta * (policy - reference),
  );

/**
 * V_h = Σ_{k≥h} (r_k − βΔ_k) over valid tokens: the values at which DQO's and OREO's residuals vanish (soft path consistency,
 * OREO, 2412.16145, eq. 7).
 *
 * Shapes: all inputs [B, T].
 * @example
 * ```ts
 * import { consistentValues } from '@svo/losses/reference';
 * const rows = { policyLogps: [[-1, -2]], referenceLogps: [[-2, -2]], rewards: [[0, 1]], mask: [[1, 1]] };
 * consistentValues(rows, 0.5); // => [[0.5, 1]]
 * ```
 */
export function consistentValues(inputs: Omit<DqoArrays, 'values'>, beta: number): number[][] {
  const shaped = { shaped: shapedRewards(inputs, beta) };
  return byRow(everywhere(inputs.mask), shaped, (row) =>
    row.map((_, t) => sum(row.slice(t).map(({ shaped }) => shaped))),
  );
}
