import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { sum } from '../shared/numerics.ts';
import { average, byRow, bySlot, slots } from '../shared/reduce.ts';
import type { Matrix, Reference } from '../shared/types.ts';
import { rowImportance } from '../steps/returns.ts';

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
  assertOptions('oreoPolicyLoss', options, [
    'beta',
    'level',
    'klWeight',
    'logRatioClip',
    'importanceClip',
    'reduction',
    'normalizer',
  ]);
  const { beta = defaults.tokenBeta, klWeight = 0, reduction = 'row', normalizer, importanceClip } = options;
  const { tokens, states, starts } = actionsOf(inputs, options);
  const logRatios = { live: logRatiosOf(inputs), stopped: logRatiosOf(frozen) };
  const misses = byRow(tokens, { ...logRatios, start: starts, reward: inputs.rewards, v: inputs.values }, (row) =>
    row.map(({ t, v }) => {
      const onwards = row.filter(({ start }) => start >= t);
      const ahead = onwards.map(({ start, live, stopped }) => (start === t ? live : stopped));
      return v - sum(onwards.map(({ reward }) => reward)) + beta * sum(ahead);
    }),
  );
  const ofState = { miss: misses, weight: rowImportance(frozen, tokens, importanceClip) };
  const main = average(states, ofState, { reduction, normalizer }, ({ miss, weight }) => ({
    loss: weight * miss * miss,
    slope: weight * 2 * beta * miss,
  }));
  const perState = reduction === 'flat' ? (normalizer ?? Math.max(slots(states, {}).flat().length, 1)) : normalizer;
  const drift = average(tokens, { delta: logRatios.live }, { reduction, normalizer: perState }, ({ delta }) =>
    klWeight === 0
      ? { loss: 0, slope: 0 }
      : { loss: klWeight * (Math.expm1(-delta) + delta), slope: -klWeight * Math.expm1(-delta) },
  );
  // Every token of an action moves its state's residual.
  const gradient = byRow(tokens, { start: starts, main: main.slopes, drift: drift.slopes }, (row) =>
    row.map((token) => token.drift + sum(row.filter(({ t }) => t === token.start).map(({ main }) => main))),
  );
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
  assertOptions('oreoValueLoss', options, [
    'beta',
    'level',
    'klWeight',
    'logRatioClip',
    'importanceClip',
    'reduction',
    'normalizer',
  ]);
  const { beta = defaults.tokenBeta, logRatioClip = Number.POSITIVE_INFINITY, reduction = 'row', normalizer } = options;
  const { tokens, states, starts } = actionsOf(inputs, options);
  const slotsOf = { delta: logRatiosOf(inputs), start: starts, reward: inputs.rewards, v: inputs.values };
  const misses = byRow(tokens, slotsOf, (row) =>
    row.map(({ t, v }) => {
      const onwards = row.filter(({ start }) => start >= t);
      const ahead = sum(onwards.map(({ delta }) => delta));
      const cut = Math.max(-logRatioClip, Math.min(logRatioClip, ahead));
      return v - sum(onwards.map(({ reward }) => reward)) + beta * cut;
    }),
  );
  const ofState = { miss: misses, weight: rowImportance(inputs, tokens, options.importanceClip) };
  const { value, slopes } = average(states, ofState, { reduction, normalizer }, ({ miss, weight }) => ({
    loss: weight * miss * miss,
    slope: weight * 2 * miss,
  }));
  return { value, gradients: { values: slopes } };
}

/** Δ of every token. */
const logRatiosOf = ({ policyLogps, referenceLogps, mask }: OreoArrays): number[][] =>
  bySlot(mask, { policy: policyLogps, reference: referenceLogps }, ({ policy, reference }) => policy - reference);

/**
 * The tokens that belong to an action, those that open one, where its state stands, and the column where each token's action opens:
 * actions are single tokens, runs of one step id, or all valid tokens.
 */
function actionsOf({ mask, stepIds }: OreoArrays, { level = 'token' }: OreoArrayOptions) {
  const tokens = level === 'step' ? bySlot(mask, { id: stepIds }, ({ id = -1 }) => (id >= 0 ? 1 : 0)) : mask;
  const starts = byRow(tokens, { id: stepIds }, (row) => {
    const opens = row.filter(
      ({ id }, k) => level === 'token' || k === 0 || (level === 'step' && id !== row[k - 1]?.id),
    );
    return row.map(({ t }) => Math.max(...opens.map((one) => one.t).filter((start) => start <= t)));
  });
  const states = byRow(tokens, { start: starts }, (row) => row.map(({ t, start }) => (start === t ? 1 : 0)));
  return { tokens, states, starts };
}
