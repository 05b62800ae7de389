import { sum } from './numerics.ts';
import { average, validColumns } from './reduce.ts';
import { importanceWeights, mixture, scatter } from './returns.ts';
import type { Matrix, Reference } from './types.ts';

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
  const { beta = 0.03, lambda = 1, policyTarget = 'literal', detachFuture = true, detachValues = true } = options;
  const { reduction = 'row', normalizer } = options;
  const columns = validColumns(inputs.mask);
  const values = detachValues ? frozen.values : inputs.values;
  const future = detachFuture ? frozen : { ...inputs, values };
  const rows = columns.map((valid, i) => followingRows(future, valid, i, beta, lambda));
  const weights = rowImportance(frozen, options);
  const width = inputs.mask[0]?.length ?? 0;
  const { value, slopes } = average(columns, width, reduction, normalizer, (i, k) => {
    const t = columns[i]![k]!;
    const { nextValue, nextReturn } = rows[i]![k]!;
    const own = inputs.rewards[i]![t]! - beta * (inputs.policyLogps[i]![t]! - inputs.referenceLogps[i]![t]!);
    const after = policyTarget === 'literal' ? nextReturn : (1 - lambda) * nextValue + lambda * nextReturn;
    const delta = values[i]![t]! - own - after;
    return { loss: weights[i]! * delta * delta, slope: 2 * weights[i]! * delta };
  });
  // ∂(what follows slot a)/∂(ρ, V of slot b), n = b − a slots later: from the definition of the returns.
  const reach = policyTarget === 'literal' ? 1 : 0;
  const byReward = (n: number): number => (detachFuture || n < 1 ? 0 : lambda ** (n - reach));
  const byValue = (n: number): number => (detachFuture || n < 1 + reach ? 0 : (1 - lambda) * lambda ** (n - 1 - reach));
  const spread = (own: number, later: (n: number) => number): number[][] =>
    columns.map((valid, i) => {
      const perSlot = valid.map((_, b) => sum(valid.map((t, a) => slopes[i]![t]! * (a === b ? own : later(b - a)))));
      return scatter(valid, perSlot, width);
    });
  return {
    value,
    gradients: {
      policyLogps: spread(beta, (n) => beta * byReward(n)),
      values: detachValues ? columns.map(() => new Array<number>(width).fill(0)) : spread(1, (n) => -byValue(n)),
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
  const { beta = 0.03, lambda = 1, reduction = 'row', normalizer } = options;
  const columns = validColumns(inputs.mask);
  const rows = columns.map((valid, i) => followingRows(frozen, valid, i, beta, lambda));
  const weights = rowImportance(frozen, options);
  const { value, slopes } = average(columns, inputs.mask[0]?.length ?? 0, reduction, normalizer, (i, k) => {
    const miss = inputs.values[i]![columns[i]![k]!]! - rows[i]![k]!.ownReturn!;
    return { loss: weights[i]! * miss * miss, slope: 2 * weights[i]! * miss };
  });
  return { value, gradients: { values: slopes } };
}

/** G_h, V(s_{h+1}) and G_{h+1} of a row's valid slots; 0 after the last. */
function followingRows(inputs: DqoArrays, valid: readonly number[], i: number, beta: number, lambda: number) {
  const shaped = valid.map(
    (t) => inputs.rewards[i]![t]! - beta * (inputs.policyLogps[i]![t]! - inputs.referenceLogps[i]![t]!),
  );
  const nextValues = valid.map((_, k) => (k + 1 < valid.length ? inputs.values[i]![valid[k + 1]!]! : 0));
  const returns = mixture(shaped, nextValues, lambda);
  return valid.map((_, k) => ({
    ownReturn: returns[k]!,
    nextValue: nextValues[k]!,
    nextReturn: k + 1 < valid.length ? returns[k + 1]! : 0,
  }));
}

function rowImportance(inputs: DqoArrays, { importanceClip = Math.E }: DqoArrayOptions): number[] {
  const { behaviorLogps } = inputs;
  if (behaviorLogps === undefined) return inputs.mask.map(() => 1);
  return importanceWeights(inputs.policyLogps, behaviorLogps, inputs.mask, { clip: importanceClip });
}

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
  return inputs.mask.map((row, i) =>
    row.map((_, t) =>
      sum(
        validColumns(inputs.mask)
          [i]!.filter((later) => later >= t)
          .map((k) => inputs.rewards[i]![k]! - beta * (inputs.policyLogps[i]![k]! - inputs.referenceLogps[i]![k]!)),
      ),
    ),
  );
}
