import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { sigmoid } from '../shared/numerics.ts';
import { average } from '../shared/reduce.ts';
import type { Matrix, Reference, Vector } from '../shared/types.ts';
import { klBaseline } from '../unpaired.ts';

/** The inputs of `dvoLoss`, [B, S]. */
export interface DvoArrays {
  readonly policyLogps: Matrix;
  readonly referenceLogps: Matrix;
  readonly credits: Matrix;
  readonly mask: Matrix;
  readonly stepWeights?: Matrix;
}

/** The options of `dvoLoss`. */
export interface DvoArrayOptions {
  readonly beta?: number;
  readonly reduction?: 'row' | 'flat';
  readonly scale?: number;
  readonly normalizer?: number;
}

/**
 * L = scale · mean_i mean_t w_t(βΔ_t − c_t)², or one flat mean over steps; scale ½, β 0.1, all w 1 by default.
 * ∂L/∂log π(a_t) = 2·scale·w_t·β(βΔ_t − c_t)/(N·S_i) (DVO, 2502.13723, eq. 10).
 *
 * Shapes: all inputs [B, S]; gradient on `policyLogps` [B, S].
 * @example
 * ```ts
 * import { dvoLoss } from '@svo/losses/reference';
 * const steps = { policyLogps: [[-3, -7.5]], referenceLogps: [[-4, -7]], credits: [[0.25, -0.5]], mask: [[1, 1]] };
 * dvoLoss(steps).value.toFixed(6); // => '0.056250'
 * ```
 */
export function dvoLoss(
  { policyLogps, referenceLogps, credits, mask, stepWeights }: DvoArrays,
  options: DvoArrayOptions = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('dvoLoss', options, ['beta', 'reduction', 'scale', 'normalizer']);
  const { beta = defaults.beta, reduction = 'row', scale = 0.5, normalizer } = options;
  const steps = { policy: policyLogps, reference: referenceLogps, credit: credits, weight: stepWeights };
  const { value, slopes } = average(mask, steps, { reduction, normalizer }, (step) => {
    const { policy, reference, credit, weight = 1 } = step;
    const miss = beta * (policy - reference) - credit;
    return { loss: scale * weight * miss * miss, slope: scale * weight * 2 * beta * miss };
  });
  return { value, gradients: { policyLogps: slopes } };
}

/**
 * L = mean_i mean_t max(|c|, 0.1)·σ(−β·s·(Δ − z)), s the sign of c, z = max(0, mean log-ratio of mismatched steps).
 * The other branch of DVO's public code; nothing through z.
 *
 * Shapes: steps [B, S], mismatched log-probs [M]; gradient on `policyLogps` [B, S].
 * @example
 * ```ts
 * import { dvoKtoLoss } from '@svo/losses/reference';
 * const steps = { policyLogps: [[-3, -7.5]], referenceLogps: [[-4, -7]], credits: [[0.25, -0.5]], mask: [[1, 1]] };
 * const mismatched = { policyKlLogps: [-9], referenceKlLogps: [-8] };
 * dvoKtoLoss({ ...steps, ...mismatched }).value.toFixed(6); // => '0.181253'
 * ```
 */
export function dvoKtoLoss(
  {
    policyLogps,
    referenceLogps,
    credits,
    mask,
    policyKlLogps,
    referenceKlLogps,
  }: DvoArrays & { readonly policyKlLogps: Vector; readonly referenceKlLogps: Vector },
  options: Omit<DvoArrayOptions, 'scale'> = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('dvoKtoLoss', options, ['beta', 'reduction', 'normalizer']);
  const { beta = defaults.beta, reduction = 'row', normalizer } = options;
  const z = klBaseline(policyKlLogps, referenceKlLogps, 'all');
  const steps = { policy: policyLogps, reference: referenceLogps, credit: credits };
  const { value, slopes } = average(mask, steps, { reduction, normalizer }, ({ policy, reference, credit }) => {
    const sign = credit >= 0 ? 1 : -1;
    const u = beta * sign * (policy - reference - z);
    const size = Math.max(Math.abs(credit), 0.1);
    return { loss: size * sigmoid(-u), slope: -size * beta * sign * sigmoid(u) * sigmoid(-u) };
  });
  return { value, gradients: { policyLogps: slopes } };
}
