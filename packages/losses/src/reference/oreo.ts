import { sum } from './numerics.ts';
import { average, validColumns } from './reduce.ts';
import type { Matrix, Reference } from './types.ts';

/** The inputs of both OREO losses, [B, T]. */
export interface OreoArrays {
  readonly policyLogps: Matrix;
  readonly referenceLogps: Matrix;
  readonly values: Matrix;
  readonly rewards: Matrix;
  readonly mask: Matrix;
  readonly stepIds?: Matrix;
  readonly behaviorLogps?: Matrix;
}

/** The options of both OREO losses. */
export interface OreoArrayOptions {
  readonly beta?: number;
  readonly level?: 'token' | 'step' | 'response';
  readonly klWeight?: number;
  readonly logRatioClip?: number;
  readonly importanceClip?: number;
  readonly reduction?: 'row' | 'flat';
  readonly normalizer?: number;
}

/**
 * L = mean_b mean_s w·(V(s) − R + βΔ(action) + β·sg[Λ(after)])² + α·mean_b mean_t (e^{−Δ} + Δ − 1)
 * (OREO, 2412.16145, eq. 9–10). Every token of an action receives 2wβ·residual/(n_b·B). `frozen` holds what sg[·] reads.
 *
 * Shapes: all inputs [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { oreoPolicyLoss } from '@svo/losses/reference';
 * const rows = { policyLogps: [[-1, -2]], referenceLogps: [[-1, -2]], values: [[0.5, 0.5]], rewards: [[0, 1]], mask: [[1, 1]] };
 * oreoPolicyLoss(rows).value.toFixed(6); // => '0.250000'
 * ```
 */
export function oreoPolicyLoss(
  inputs: OreoArrays,
  options: OreoArrayOptions = {},
  frozen: OreoArrays = inputs,
): Reference<'policyLogps', Matrix> {
  const { beta = 0.03, klWeight = 0, normalizer } = options;
  const width = inputs.mask[0]?.length ?? 0;
  const actions = actionsOf(inputs, options);
  const residual = (i: number, k: number): number => {
    const action = actions[i]![k]!;
    const after = actions[i]!.slice(k + 1).flat();
    const reward = sum([...action, ...after].map((t) => inputs.rewards[i]![t]!));
    return inputs.values[i]![action[0]!]! - reward + beta * (logRatio(inputs, i, action) + logRatio(frozen, i, after));
  };
  const states = actions.map((row) => row.map((action) => action[0]!));
  const weights = rowImportance(frozen, actions, options);
  const main = average(states, width, options.reduction ?? 'row', normalizer, (i, k) => {
    const miss = residual(i, k);
    return { loss: weights[i]! * miss * miss, slope: weights[i]! * 2 * beta * miss };
  });
  const tokens = actions.map((row) => row.flat());
  const perState = options.reduction === 'flat' ? (normalizer ?? Math.max(states.flat().length, 1)) : normalizer;
  const drift = average(tokens, width, options.reduction ?? 'row', perState, (i, k) => {
    const delta = logRatio(inputs, i, [tokens[i]![k]!]);
    if (klWeight === 0) return { loss: 0, slope: 0 };
    return { loss: klWeight * (Math.expm1(-delta) + delta), slope: -klWeight * Math.expm1(-delta) };
  });
  const gradient = drift.slopes.map((row) => [...row]);
  actions.forEach((row, i) => {
    for (const action of row) for (const t of action) gradient[i]![t]! += main.slopes[i]![action[0]!]!;
  });
  return { value: main.value + drift.value, gradients: { policyLogps: gradient } };
}

/**
 * L = mean_b mean_s w·(V(s) − R + β·Λ(from s))², Λ cut to ±`logRatioClip` where given (OREO, 2412.16145, eq. 8).
 * ∂L/∂V(s) = 2w·residual/(n_b·B), 0 where no state is.
 *
 * Shapes: all inputs [B, T]; gradient on `values` [B, T].
 * @example
 * ```ts
 * import { oreoValueLoss } from '@svo/losses/reference';
 * const rows = { policyLogps: [[-1, -2]], referenceLogps: [[-1, -2]], values: [[0.5, 0.5]], rewards: [[0, 1]], mask: [[1, 1]] };
 * oreoValueLoss(rows).value.toFixed(6); // => '0.250000'
 * ```
 */
export function oreoValueLoss(inputs: OreoArrays, options: OreoArrayOptions = {}): Reference<'values', Matrix> {
  const { beta = 0.03, logRatioClip = Number.POSITIVE_INFINITY, normalizer } = options;
  const actions = actionsOf(inputs, options);
  const states = actions.map((row) => row.map((action) => action[0]!));
  const weights = rowImportance(inputs, actions, options);
  const { value, slopes } = average(
    states,
    inputs.mask[0]?.length ?? 0,
    options.reduction ?? 'row',
    normalizer,
    (i, k) => {
      const onwards = actions[i]!.slice(k).flat();
      const ahead = Math.max(-logRatioClip, Math.min(logRatioClip, logRatio(inputs, i, onwards)));
      const miss = inputs.values[i]![states[i]![k]!]! - sum(onwards.map((t) => inputs.rewards[i]![t]!)) + beta * ahead;
      return { loss: weights[i]! * miss * miss, slope: weights[i]! * 2 * miss };
    },
  );
  return { value, gradients: { values: slopes } };
}

/** min(clip, e^{Σ log π − log μ}) over the tokens of a row's actions; 1 without a behaviour policy. */
function rowImportance(
  inputs: OreoArrays,
  actions: readonly (readonly (readonly number[])[])[],
  { importanceClip = Math.E }: OreoArrayOptions,
): number[] {
  return actions.map((row, i) => {
    const { behaviorLogps } = inputs;
    if (behaviorLogps === undefined) return 1;
    const ratios = row.flat().map((t) => inputs.policyLogps[i]![t]! - behaviorLogps[i]![t]!);
    return Math.min(importanceClip, Math.exp(sum(ratios)));
  });
}

/** Each row's actions as lists of columns: single tokens, runs of one step id, or all valid tokens. */
function actionsOf(inputs: OreoArrays, { level = 'token' }: OreoArrayOptions): number[][][] {
  return validColumns(inputs.mask).map((columns, i) => {
    if (level === 'token') return columns.map((t) => [t]);
    if (level === 'response') return columns.length === 0 ? [] : [columns];
    const steps = inputs.stepIds?.[i] ?? [];
    const actions: number[][] = [];
    for (const t of columns.filter((column) => steps[column]! >= 0)) {
      const current = actions.at(-1);
      if (current !== undefined && steps[current[0]!] === steps[t]) current.push(t);
      else actions.push([t]);
    }
    return actions;
  });
}

const logRatio = (inputs: OreoArrays, i: number, tokens: readonly number[]): number =>
  sum(tokens.map((t) => inputs.policyLogps[i]![t]! - inputs.referenceLogps[i]![t]!));
