/** DPO and DVO steps on the benchmark's decoder, with references from the cache or computed in the step. */
import { type Batch, collate, collatePairs, type Example, type PairBatch } from '@svo/data';
import { dpoLoss, dvoLoss } from '@svo/losses';
import type { CausalLm } from '@svo/models';
import { stepLogps, type Tensor, tf, withoutGradient } from '@svo/tensor';
import { type Params, type TrainStep, trainStep } from '@svo/train';
import { optimizer, type Sizes } from './language-model.ts';

/** A prompt of half the length, then `steps` steps of equal length. */
function example({ length, vocabulary }: Sizes, row: number, steps: number): Example {
  const prompt = length / 2;
  const ids = Array.from({ length }, (_, t) => (t * 7 + row * 31 + ((t * t) % 11)) % vocabulary);
  const stepIds = ids.map((_, t) => (t < prompt ? -1 : Math.floor(((t - prompt) * steps) / (length - prompt))));
  return { ids, stepIds, credits: Array.from({ length: steps }, (_, s) => ((row + s) % 5) / 4 - 0.5), terminal: true };
}

export function dvoBatch(sizes: Sizes, steps: number): Batch {
  return collate(
    Array.from({ length: sizes.batch }, (_, row) => example(sizes, row, steps)),
    { padId: 0 },
  );
}

/** batch / 2 pairs, so that a step sees as many rows as the others do. */
export function dpoBatch(sizes: Sizes): PairBatch {
  const pairs = Array.from({ length: sizes.batch / 2 }, (_, row) => ({
    chosen: example(sizes, 2 * row, 1),
    rejected: example(sizes, 2 * row + 1, 1),
    chosenValue: 1,
    rejectedValue: -1,
  }));
  return collatePairs(pairs, { padId: 0 });
}

const stepSums = (lm: CausalLm, params: Params, ids: Tensor, stepIds: Tensor, steps: number, scored: boolean): Tensor =>
  stepLogps(lm.tokenLogps(params, ids, scored ? { scored: stepIds } : {}), stepIds, steps);

/** Without a reference the batch's own `referenceLogps` are used. `scored: false` computes logits for prompt tokens too. */
export const dvoStep = (lm: CausalLm, reference?: Params, scored = true): TrainStep<Batch | readonly Batch[]> =>
  trainStep<Batch>((params, { ids, stepIds, ...batch }) => {
    const steps = batch.mask.shape[1]!;
    const online = reference && {
      referenceLogps: withoutGradient(() => stepSums(lm, reference, ids, stepIds, steps, scored)),
    };
    return dvoLoss({ ...batch, ...online, policyLogps: stepSums(lm, params, ids, stepIds, steps, scored) });
  }, optimizer);

export const dpoStep = (lm: CausalLm, reference?: Params): TrainStep<PairBatch | readonly PairBatch[]> =>
  trainStep<PairBatch>((params, { ids, stepIds, ...batch }) => {
    const sides = (weights: Params) =>
      tf.split(tf.squeeze(stepSums(lm, weights, ids, stepIds, 1, true), [1]), 2) as [Tensor, Tensor];
    const [policyChosenLogps, policyRejectedLogps] = sides(params);
    const [referenceChosenLogps, referenceRejectedLogps] = reference
      ? sides(reference)
      : [batch.referenceChosenLogps, batch.referenceRejectedLogps];
    return dpoLoss({ policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps });
  }, optimizer);

/** Log-probs of the reference for the cache: what `referenceCache` would hold. */
export async function referenceOf(
  lm: CausalLm,
  reference: Params,
  batch: Batch | PairBatch,
  steps: number,
): Promise<Float32Array> {
  const logps = tf.tidy(() => {
    const ids = tf.tensor2d(batch.ids.data, batch.ids.shape as [number, number], 'int32');
    const stepIds = tf.tensor2d(batch.stepIds.data, batch.stepIds.shape as [number, number], 'int32');
    return stepSums(lm, reference, ids, stepIds, steps, true);
  });
  const values = (await logps.data()) as Float32Array;
  logps.dispose();
  return values;
}
