/** DVO: regress every step's log-ratio on its credit (2502.13723, eq. 10), with an SFT term on what ended right. */
import { type Batch, batches, type Planned, tokenizeTrajectory } from '@svo/data';
import { dvoLoss, sftLoss, stepMetrics } from '@svo/losses';
import { stepLogps, tf } from '@svo/tensor';
import { orderOf } from './order.ts';
import type { Material, Plan } from './plan.ts';
import { withReference } from './reference.ts';

/** Step credits of search trajectories as the target of βΔ, against the frozen reference. */
export async function dvoPlan(material: Material): Promise<Plan<Batch & Planned>> {
  const { learner, trajectories, reference, recipe } = material;
  const { lm, tokenizer } = learner;
  const examples = await withReference(
    learner,
    reference,
    trajectories.map((trajectory) => tokenizeTrajectory(trajectory, tokenizer)),
  );
  const { updates, from } = orderOf(material, examples.length);
  return {
    updates,
    batches: (cursor) => batches(examples, from(cursor)),
    loss: (params, batch) => {
      const steps = batch.mask.shape[1]!;
      const tokenLogps = lm.tokenLogps(params, batch.ids, { scored: batch.stepIds });
      const policyLogps = stepLogps(tokenLogps, batch.stepIds, steps);
      const { referenceLogps, credits, mask } = batch;
      const inputs = { policyLogps, referenceLogps, credits, mask };
      const value = dvoLoss(inputs, { beta: recipe.beta });
      const right = rightTokens(
        batch.stepIds,
        batch.rows.map((row) => trajectories[row]!.reward > 0),
      );
      const likelihood = sftLoss({ policyLogps: tokenLogps, mask: right });
      return {
        loss: tf.add(value, tf.mul(likelihood, recipe.sftWeight ?? 0)) as tf.Scalar,
        'dvo/loss': value,
        ...stepMetrics(inputs, { beta: recipe.beta }),
      };
    },
  };
}

/** 1 on the scored tokens of rows that ended right, [B, T]. */
function rightTokens(stepIds: tf.Tensor, right: readonly boolean[]): tf.Tensor {
  const rows = tf.tensor2d(right.map((is) => [Number(is)]));
  return tf.mul(tf.cast(tf.greaterEqual(stepIds, 0), 'float32'), rows);
}
