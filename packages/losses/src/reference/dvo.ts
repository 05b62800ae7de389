import { sigmoid } from './numerics.ts';
import { average, validColumns } from './reduce.ts';
import type { Matrix, Reference, Vector } from './types.ts';
import { klBaseline } from './unpaired.ts';

/** The inputs of `dvoLoss`, [B, S]. */
export interface DvoArrays {
  readonly policyLogps: Matrix;
  readonly referenceLogps: Matrix;
  readonly credits: Matrix;
  readonly mask: Matrix;
}

/** The options of `dvoLoss`. */
export interface DvoArrayOptions {
  readonly beta?: number;
  readonly reduction?: 'trajectory' | 'step';
  readonly scale?: number;
  readonly normalizer?: number;
}

/** scale · (βΔ_t − c_t)² */
export function dvoLoss(
  { policyLogps, referenceLogps, credits, mask }: DvoArrays,
  { beta = 0.1, reduction = 'trajectory', scale = 0.5, normalizer }: DvoArrayOptions = {},
): Reference<'policyLogps', Matrix> {
  const columns = validColumns(mask);
  const { value, slopes } = average(columns, mask[0]?.length ?? 0, reduction, normalizer, (i, k) => {
    const t = columns[i][k];
    const miss = beta * (policyLogps[i][t] - referenceLogps[i][t]) - credits[i][t];
    return { loss: scale * miss * miss, slope: scale * 2 * beta * miss };
  });
  return { value, gradients: { policyLogps: slopes } };
}

/** max(|c|, 0.1) σ(−β s (Δ − z)), s = the sign of c */
export function dvoKtoLoss(
  inputs: DvoArrays & { readonly policyKlLogps: Vector; readonly referenceKlLogps: Vector },
  { beta = 0.1, reduction = 'trajectory', normalizer }: Omit<DvoArrayOptions, 'scale'> = {},
): Reference<'policyLogps', Matrix> {
  const z = klBaseline(inputs.policyKlLogps, inputs.referenceKlLogps, 'all');
  const columns = validColumns(inputs.mask);
  const { value, slopes } = average(columns, inputs.mask[0]?.length ?? 0, reduction, normalizer, (i, k) => {
    const t = columns[i][k];
    const credit = inputs.credits[i][t];
    const sign = credit >= 0 ? 1 : -1;
    const u = beta * sign * (inputs.policyLogps[i][t] - inputs.referenceLogps[i][t] - z);
    const size = Math.max(Math.abs(credit), 0.1);
    return { loss: size * sigmoid(-u), slope: -size * beta * sign * sigmoid(u) * sigmoid(-u) };
  });
  return { value, gradients: { policyLogps: slopes } };
}
