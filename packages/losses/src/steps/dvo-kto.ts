import { assertShapes, closedForm, negate, type Scalar, type Tensor } from '@svo/tensor';
import { assertBeta, assertNormalizer, assertOneOf } from '../shared/check.ts';
import { slotWeights } from '../shared/row-weights.ts';
import { klBaseline, regret } from '../unpaired/regret.ts';
import type { DvoInputs } from './dvo.ts';

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
  readonly reduction?: 'trajectory' | 'step';
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
 * loss.dataSync()[0].toFixed(6); // => '0.181253'
 * ```
 */
export function dvoKtoLoss(inputs: DvoKtoInputs, options: DvoKtoOptions = {}): Scalar {
  const { beta = 0.1, reduction = 'trajectory', normalizer } = options;
  const { policyLogps, referenceLogps, credits, mask, policyKlLogps, referenceKlLogps } = inputs;
  const { M } = assertShapes('dvoKtoLoss', {
    policyLogps: [policyLogps, 'B S'],
    referenceLogps: [referenceLogps, 'B S'],
    credits: [credits, 'B S'],
    mask: [mask, 'B S'],
    policyKlLogps: [policyKlLogps, 'M'],
    referenceKlLogps: [referenceKlLogps, 'M'],
  });
  assertBeta('dvoKtoLoss', beta);
  assertOneOf('dvoKtoLoss', 'reduction', reduction, ['trajectory', 'step']);
  assertNormalizer('dvoKtoLoss', normalizer);
  if (M < 1) throw new RangeError('dvoKtoLoss: policyKlLogps must hold at least 1 mismatched step, got 0');
  return closedForm(
    { policyLogps, referenceLogps, credits, mask, policyKlLogps, referenceKlLogps },
    ['policyLogps'],
    (math, x) => {
      const valid = math.positive(x.mask);
      const baseline = klBaseline(math, math.sub(x.policyKlLogps, x.referenceKlLogps), M);
      const logRatio = math.sub(math.difference(x.mask, x.policyLogps, x.referenceLogps), baseline);
      const credit = math.select(x.mask, x.credits, 0);
      const sign = math.sub(1, math.mul(2, math.positive(negate(math, credit))));
      const size = math.add(0.1, math.relu(math.sub(math.mul(sign, credit), 0.1)));
      const weight = math.mul(math.mul(valid, size), slotWeights(math, x.mask, reduction, normalizer));
      const { losses, slopes } = regret(math, sign, weight, math.mul(beta, logRatio));
      return { value: math.sum(losses), gradients: () => ({ policyLogps: math.mul(beta, slopes()) }) };
    },
  );
}
