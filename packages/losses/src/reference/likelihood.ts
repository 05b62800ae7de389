/** SFT and the value losses: what is regressed or maximised slot by slot. */
import { average, validColumns } from './reduce.ts';
import type { Matrix, Reference } from './types.ts';

/** The options of `sftLoss` and `dftLoss`. */
export interface SftArrayOptions {
  readonly reduction?: 'token' | 'sequenceMean' | 'sequenceSum';
  readonly normalizer?: number;
}

/** −log π, averaged as `reduction` says */
export function sftLoss(
  { policyLogps, mask }: { readonly policyLogps: Matrix; readonly mask: Matrix },
  { reduction = 'token', normalizer }: SftArrayOptions = {},
): Reference<'policyLogps', Matrix> {
  const columns = validColumns(mask);
  const { value, slopes } = average(columns, mask[0]?.length ?? 0, reduction, normalizer, (i, k) => ({
    loss: -policyLogps[i][columns[i][k]],
    slope: -1,
  }));
  return { value, gradients: { policyLogps: slopes } };
}

/** −sg[π] log π, averaged as `reduction` says; `frozen` holds the log-probs that sg[·] reads. */
export function dftLoss(
  { policyLogps, mask }: { readonly policyLogps: Matrix; readonly mask: Matrix },
  { reduction = 'token', normalizer }: SftArrayOptions = {},
  frozen: { readonly policyLogps: Matrix } = { policyLogps },
): Reference<'policyLogps', Matrix> {
  const columns = validColumns(mask);
  const { value, slopes } = average(columns, mask[0]?.length ?? 0, reduction, normalizer, (i, k) => {
    const prob = Math.exp(frozen.policyLogps[i][columns[i][k]]);
    return { loss: -prob * policyLogps[i][columns[i][k]], slope: -prob };
  });
  return { value, gradients: { policyLogps: slopes } };
}

/** The inputs of the value losses, [B, S]. */
export interface ValueArrays {
  readonly values: Matrix;
  readonly targets: Matrix;
  readonly mask: Matrix;
}

/** The options of the value losses; each reads those it has. */
export interface ValueArrayOptions {
  readonly scale?: number;
  readonly reduction?: 'trajectory' | 'step';
  readonly clip?: number;
  readonly normalizer?: number;
}

/** scale · (V − y)², mean over a trajectory, mean over trajectories (or flat) */
export function valueLoss(
  inputs: ValueArrays,
  { scale = 1, reduction = 'trajectory', normalizer }: ValueArrayOptions = {},
): Reference<'values', Matrix> {
  return squares(inputs, scale, reduction, normalizer);
}

/** scale · (V − y)², sum over a trajectory, mean over trajectories */
export function outcomeValueLoss(
  inputs: ValueArrays,
  { scale = 1, normalizer }: Omit<ValueArrayOptions, 'reduction'> = {},
): Reference<'values', Matrix> {
  return squares(inputs, scale, 'sequenceSum', normalizer);
}

/** scale · max((V − y)², (V_old + clamp(V − V_old, ±clip) − y)²) */
export function clippedValueLoss(
  { values, oldValues, targets, mask }: ValueArrays & { readonly oldValues: Matrix },
  { clip = 0.2, scale = 0.5, reduction = 'trajectory', normalizer }: ValueArrayOptions = {},
): Reference<'values', Matrix> {
  const columns = validColumns(mask);
  const { value, slopes } = average(columns, mask[0]?.length ?? 0, reduction, normalizer, (i, k) => {
    const [v, old, y] = [values, oldValues, targets].map((matrix) => matrix[i][columns[i][k]]);
    const free = (v - y) ** 2;
    const held = Math.abs(v - old) < clip ? free : (old + Math.sign(v - old) * clip - y) ** 2;
    return { loss: scale * Math.max(free, held), slope: held > free ? 0 : 2 * scale * (v - y) };
  });
  return { value, gradients: { values: slopes } };
}

function squares(
  { values, targets, mask }: ValueArrays,
  scale: number,
  averaging: 'trajectory' | 'step' | 'sequenceSum',
  normalizer: number | undefined,
): Reference<'values', Matrix> {
  const columns = validColumns(mask);
  const { value, slopes } = average(columns, mask[0]?.length ?? 0, averaging, normalizer, (i, k) => {
    const miss = values[i][columns[i][k]] - targets[i][columns[i][k]];
    return { loss: scale * miss ** 2, slope: 2 * scale * miss };
  });
  return { value, gradients: { values: slopes } };
}
