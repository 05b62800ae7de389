import type { Tensor } from '@svo/tensor';
import { difference, maximum, select } from '../formula/operations.ts';
import { size, term } from '../formula/term.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average } from '../shared/row-weights.ts';
import { klBaseline, mismatchedInputs, regret } from '../unpaired/regret.ts';
import { type DvoInputs, dvoInputs } from './dvo.ts';

/** What `dvoKtoLoss` compares: DVO's inputs, and mismatched steps for the baseline. */
export interface DvoKtoInputs extends DvoInputs {
  /** log π_θ of steps put after another question's prefix [M]; data. */
  readonly policyKlLogps: Tensor;
  /** log π_ref of the same [M]; data. */
  readonly referenceKlLogps: Tensor;
}

/** Options of `dvoKtoLoss`. */
export interface DvoKtoOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** As in `dvoLoss`. */
  readonly reduction?: 'row' | 'flat';
  /** As in `dvoLoss`. */
  readonly normalizer?: number;
}

/**
 * The other branch of DVO's public code: KTO on steps, weighted by how large the credit is.
 *
 * L = mean_i mean_t max(|c_t|, 0.1)·σ(−β·s_t·(Δ_t − z)), s_t = +1 where c_t ≥ 0 and −1 elsewhere,
 * z = max(0, mean log-ratio of mismatched steps), without gradient (DVO's trainer, default branch; not in the paper, whose
 * results use the square). It looks at the credit's sign and weighs by its size; `dvoLoss` regresses on it.
 *
 * @throws ShapeError when shapes disagree; RangeError for β ≤ 0 or no mismatched steps
 * @example
 * ```ts
 * import { dvoKtoLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const loss = dvoKtoLoss({
 *   policyLogps: tf.tensor2d([[-3, -7.5]]),
 *   referenceLogps: tf.tensor2d([[-4, -7]]),
 *   credits: tf.tensor2d([[0.25, -0.5]]),
 *   mask: tf.tensor2d([[1, 1]]),
 *   policyKlLogps: tf.tensor1d([-9, -9]),
 *   referenceKlLogps: tf.tensor1d([-8, -8]),
 * });
 * loss.dataSync()[0]!.toFixed(6); // => '0.181253'
 * ```
 */
export const dvoKtoLoss: Loss<DvoKtoInputs, DvoKtoOptions> = defineLoss(
  {
    name: 'dvoKtoLoss',
    family: 'steps',
    source: "DVO's public code, default branch; not in the paper, 2502.13723",
    inputs: { ...dvoInputs, ...mismatchedInputs },
    options: { beta: is.beta(), reduction: is.reduction('row', 'flat') },
    golden: ['dvo.kto_variant'],
  },
  (x, { beta, ...mean }) => {
    const baseline = klBaseline(x.policyKlLogps.minus(x.referenceKlLogps), size('M'));
    const logRatio = difference(x.mask, x.policyLogps, x.referenceLogps).minus(baseline);
    const credit = select(x.mask, x.credits, 0);
    const sign = select(credit.negated(), -1, 1);
    const weight = select(x.mask, maximum(term(0.1), sign.times(credit)), 0);
    return average(regret(sign, weight, logRatio.times(beta)), x.mask, mean);
  },
  (_inputs, _options, { M }) => {
    if (M! < 1) throw new RangeError('dvoKtoLoss: policyKlLogps must hold at least 1 mismatched step, got 0');
  },
);
