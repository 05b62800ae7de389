/** RFT: plain SFT on the trajectories that ended right, delimiters and the end of the answer included. */
import { type Batch, batches, type Planned, tokenizeTrajectory } from '@svo/data';
import { sftLoss } from '@svo/losses';
import { tf } from '@svo/tensor';
import type { Learner } from '../learner.ts';
import type { TrainingRecipe } from '../recipe.ts';
import type { Material, Plan } from './plan.ts';

export interface SupervisedText {
  readonly prompt: string;
  readonly steps: readonly string[];
}

/** SFT on the correct trajectories of the same trees: what the values add is what an objective gains over this. */
export function rftPlan({ learner, trajectories, recipe, seed }: Material): Plan<Batch & Planned> {
  return supervisedPlan(
    learner,
    trajectories.filter(({ reward }) => reward > 0),
    recipe,
    seed,
  );
}

/** Next-token likelihood of every token behind the prompt, averaged over the batch's tokens; `updates` overrides epochs. */
export function supervisedPlan(
  { lm, tokenizer }: Learner,
  texts: readonly SupervisedText[],
  { epochs, batchSize }: Pick<TrainingRecipe, 'epochs' | 'batchSize'>,
  seed: number,
  updates = epochs * Math.floor(texts.length / batchSize),
): Plan<Batch & Planned> {
  const examples = texts.map(({ prompt, steps }) =>
    tokenizeTrajectory({ prompt, steps, credits: steps.map(() => 0) }, tokenizer, { scoreDelimiters: true }),
  );
  const perEpoch = Math.floor(examples.length / batchSize);
  const order = {
    batchSize,
    epochs: Math.ceil(updates / perEpoch),
    seed,
    padId: tokenizer.padId,
    multipleOf: 4,
    dropLast: true,
    window: 8,
  };
  return {
    updates,
    batches: (cursor) =>
      batches(examples, cursor === undefined ? order : { ...order, cursor: cursor as Planned['cursor'] }),
    loss: (params, batch) => ({
      loss: sftLoss({
        policyLogps: lm.tokenLogps(params, batch.ids, { scored: batch.stepIds }),
        mask: tf.cast(tf.greaterEqual(batch.stepIds, 0), 'float32'),
      }),
    }),
  };
}
