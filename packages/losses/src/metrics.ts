import { assertShapes, evaluate, type Scalar, type Tensor } from '@svo/tensor';
import type { ValueInputs } from './likelihood/value.ts';
import type { PairInputs } from './preference/pair-loss.ts';
import { assertBeta } from './shared/check.ts';
import { slotWeights } from './shared/row-weights.ts';
import type { DvoInputs } from './steps/dvo.ts';

/** Scalars by TRL's metric names; they are data, nothing flows back through them. */
export type Metrics<K extends string> = Readonly<Record<K, Scalar>>;

/**
 * What to watch beside a pair loss: implicit rewards β·Δ, their margin, the share of pairs in the right order, log-probs.
 *
 * @param inputs - as of `dpoLoss`, all [B]
 * @throws ShapeError when an input is not [B]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { pairMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const metrics = pairMetrics({
 *   policyChosenLogps: tf.tensor1d([-12]),
 *   policyRejectedLogps: tf.tensor1d([-14]),
 *   referenceChosenLogps: tf.tensor1d([-13]),
 *   referenceRejectedLogps: tf.tensor1d([-13]),
 * });
 * metrics['rewards/margins'].dataSync()[0].toFixed(2); // => '0.20'
 * ```
 */
export function pairMetrics(
  inputs: PairInputs,
  options: { readonly beta?: number } = {},
): Metrics<
  'rewards/chosen' | 'rewards/rejected' | 'rewards/margins' | 'rewards/accuracies' | 'logps/chosen' | 'logps/rejected'
> {
  const { beta = 0.1 } = options;
  const { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps } = inputs;
  const { B } = assertShapes('pairMetrics', {
    policyChosenLogps: [policyChosenLogps, 'B'],
    policyRejectedLogps: [policyRejectedLogps, 'B'],
    referenceChosenLogps: [referenceChosenLogps, 'B'],
    referenceRejectedLogps: [referenceRejectedLogps, 'B'],
  });
  assertBeta('pairMetrics', beta);
  const n = Math.max(B, 1);
  const chosen = { policy: policyChosenLogps, reference: referenceChosenLogps };
  const rejected = { policy: policyRejectedLogps, reference: referenceRejectedLogps };
  const reward = (side: { policy: Tensor; reference: Tensor }): Scalar =>
    evaluate(side, [], (math, x) => math.mul(beta / n, math.sum(math.sub(x.policy, x.reference)))) as Scalar;
  const mean = (logps: Tensor): Scalar =>
    evaluate({ logps }, [], (math, x) => math.div(math.sum(x.logps), n)) as Scalar;
  const all = { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
  const overMargins = (count: boolean): Scalar =>
    evaluate(all, [], (math, x) => {
      const up = math.sub(x.policyChosenLogps, x.referenceChosenLogps);
      const margin = math.mul(beta, math.sub(up, math.sub(x.policyRejectedLogps, x.referenceRejectedLogps)));
      return math.div(math.sum(count ? math.positive(margin) : margin), n);
    }) as Scalar;
  return {
    'rewards/chosen': reward(chosen),
    'rewards/rejected': reward(rejected),
    'rewards/margins': overMargins(false),
    'rewards/accuracies': overMargins(true),
    'logps/chosen': mean(policyChosenLogps),
    'logps/rejected': mean(policyRejectedLogps),
  };
}

/**
 * What to watch beside `dvoLoss`: the mean log-ratio of a step (`kl`, in nats, on the data's steps), the mean square distance of
 * β·Δ from the credit (`credits/mse`, twice the loss), and the share of steps moved in the direction of their credit
 * (`rewards/accuracies`; steps with a credit of 0 count as wrong).
 *
 * @param inputs - as of `dvoLoss`, all [B, S]
 * @throws ShapeError when an input is not [B, S]; RangeError for β ≤ 0
 * @example
 * ```ts
 * import { dvoMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const [policyLogps, referenceLogps, credits, mask] = [[[-3, -7]], [[-4, -7.5]], [[0.5, -0.5]], [[1, 1]]].map((row) => tf.tensor2d(row));
 * dvoMetrics({ policyLogps, referenceLogps, credits, mask })['rewards/accuracies'].dataSync()[0]; // => 0.5
 * ```
 */
export function dvoMetrics(
  inputs: DvoInputs,
  options: { readonly beta?: number } = {},
): Metrics<'kl' | 'credits/mse' | 'rewards/accuracies'> {
  const { beta = 0.1 } = options;
  const { policyLogps, referenceLogps, credits, mask } = inputs;
  assertShapes('dvoMetrics', {
    policyLogps: [policyLogps, 'B S'],
    referenceLogps: [referenceLogps, 'B S'],
    credits: [credits, 'B S'],
    mask: [mask, 'B S'],
  });
  assertBeta('dvoMetrics', beta);
  const data = { policyLogps, referenceLogps, credits, mask };
  return {
    kl: evaluate(data, [], (math, x) =>
      math.mul(math.sum(math.difference(x.mask, x.policyLogps, x.referenceLogps)), slotWeights(math, x.mask, 'step')),
    ) as Scalar,
    'credits/mse': evaluate(data, [], (math, x) => {
      const logRatio = math.sub(x.policyLogps, x.referenceLogps);
      const residual = math.difference(x.mask, math.mul(beta, logRatio), x.credits);
      return math.dot(math.mul(residual, slotWeights(math, x.mask, 'trajectory')), residual);
    }) as Scalar,
    'rewards/accuracies': evaluate(data, [], (math, x) => {
      const logRatio = math.difference(x.mask, x.policyLogps, x.referenceLogps);
      const agrees = math.positive(math.mul(logRatio, math.select(x.mask, x.credits, 0)));
      return math.mul(math.sum(agrees), slotWeights(math, x.mask, 'step'));
    }) as Scalar,
  };
}

/**
 * What to watch beside a value loss: the mean value, and the explained variance 1 − Var(y − V)/Var(y) over valid slots: 1 perfect,
 * 0 no better than a constant, below 0 worse. 0 where the targets do not vary.
 *
 * @param inputs - as of `valueLoss`, all [B, S]
 * @throws ShapeError when shapes differ
 * @example
 * ```ts
 * import { valueMetrics } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const [values, targets, mask] = [[[0.5, -0.5]], [[1, -1]], [[1, 1]]].map((row) => tf.tensor2d(row));
 * valueMetrics({ values, targets, mask })['values/explained_variance'].dataSync()[0]; // => 0.75
 * ```
 */
export function valueMetrics(inputs: ValueInputs): Metrics<'values/mean' | 'values/explained_variance'> {
  const { values, targets, mask } = inputs;
  assertShapes('valueMetrics', { values: [values, 'B S'], targets: [targets, 'B S'], mask: [mask, 'B S'] });
  return {
    'values/mean': evaluate({ values, mask }, [], (math, x) =>
      math.mul(math.sum(math.select(x.mask, x.values, 0)), slotWeights(math, x.mask, 'step')),
    ) as Scalar,
    'values/explained_variance': evaluate({ values, targets, mask }, [], (math, x) => {
      type A = typeof x.mask;
      const share = slotWeights(math, x.mask, 'step');
      const variance = (a: A): A => {
        const mean = math.mul(math.sum(a), share);
        const spread = math.select(x.mask, math.sub(a, mean), 0);
        return math.mul(math.dot(spread, spread), share);
      };
      const target = variance(math.select(x.mask, x.targets, 0));
      const left = variance(math.difference(x.mask, x.targets, x.values));
      const flat = math.equal(target, 0);
      return math.mul(math.sub(1, flat), math.sub(1, math.div(left, math.add(target, flat))));
    }) as Scalar,
  };
}
