/** SFT and the value losses: what is regressed or maximised slot by slot. */
import { average, validColumns } from './reduce.ts';
import type { Matrix, Reference } from './types.ts';

/** −log π, averaged as `reduction` says */
export function sftLoss(
  { policyLogps, mask }: { readonly policyLogps: Matrix; readonly mask: Matrix },
  {
    reduction = 'token',
    normalizer,
  }: { readonly reduction?: 'token' | 'sequenceMean' | 'sequenceSum'; readonly normalizer?: number } = {},
): Reference<'policyLogps', Matrix> {
  const columns = validColumns(mask);
  const { value, slopes } = average(columns, mask[0]?.length ?? 0, reduction, normalizer, (i, k) => ({
    loss: -policyLogps[i][columns[i][k]],
    slope: -1,
  }));
  return { value, gradients: { policyLogps: slopes } };
}

/** The inputs of the value losses, [B, S]. */
export interface ValueArrays {
  readonly values: Matrix;
  readonly targets: Matrix;
  readonly mask: Matrix;
}

/** scale · (V − y)², mean over a trajectory, mean over trajectories (or flat) */
export function valueLoss(
  inputs: ValueArrays,
  {
    scale = 1,
    reduction = 'trajectory',
    normalizer,
  }: { readonly scale?: number; readonly reduction?: 'trajectory' | 'step'; readonly normalizer?: number } = {},
): Reference<'values', Matrix> {
  return squares(inputs, scale, reduction, normalizer);
}

/** scale · (V − y)², sum over a trajectory, mean over trajectories */
export function outcomeValueLoss(
  inputs: ValueArrays,
  { scale = 1, normalizer }: { readonly scale?: number; readonly normalizer?: number } = {},
): Reference<'values', Matrix> {
  return squares(inputs, scale, 'sequenceSum', normalizer);
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
