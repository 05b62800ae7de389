import { type Planned, tokenizeUnpaired, type UnpairedBatch, unpairedBatches } from '@svo/data';
import { ktoLoss, paperPresets, unpairedMetrics } from '@svo/losses';
import type { Params } from '@svo/models';
import { stepLogps, tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { orderOf } from '../shared/order.ts';
import { withReference } from '../shared/reference.ts';

const { desirableWeight } = paperPresets.ktoInDvo;

/**
 * KTO: right and wrong responses by themselves, against the drift measured on mismatched ones (2402.01306). Right ones weigh
 * 1.33 times the wrong ones, as in DVO's baseline (2502.13723, section 5).
 */
export async function ktoPlan(material: Material): Promise<Plan<UnpairedBatch & Planned>> {
  const { learner, trajectories, reference, settings } = material;
  const { beta } = settings;
  const { lm, tokenizer } = learner;
  const rows = trajectories.map(({ prompt, steps, reward, draws }) =>
    tokenizeUnpaired({ prompt, completion: steps.join(''), label: reward > 0, ...(draws && { draws }) }, tokenizer),
  );
  const examples = await withReference(
    material,
    rows.map(({ example }) => example),
  );
  const scored = rows.map((row, i) => ({ ...row, example: examples[i]! }));
  const { updates, from } = orderOf(material, rows.length);
  const logps = (params: Params, ids: tf.Tensor, stepIds: tf.Tensor, scored: UnpairedBatch['stepIds']) =>
    tf.reshape(stepLogps(lm.tokenLogps(params, ids, { scored }), stepIds, 1), [ids.shape[0]!]);
  return {
    updates,
    batches: (cursor) => unpairedBatches(scored, from(cursor)),
    loss: (params, { ids, stepIds, klIds, klStepIds, labels, referenceLogps }, { host }) => {
      const policyLogps = logps(params, ids, stepIds, host.stepIds);
      // A mismatched pair is made anew in every batch, so its two log-probs are too; z never carries gradient.
      const [policyKlLogps, referenceKlLogps] = [params, reference].map((weights) =>
        logps(weights, klIds, klStepIds, host.klStepIds),
      ) as [tf.Tensor, tf.Tensor];
      const inputs = { policyLogps, referenceLogps, labels, policyKlLogps, referenceKlLogps };
      const loss = ktoLoss(inputs, { beta, desirableWeight });
      return { loss, ...unpairedMetrics(inputs, { beta }) };
    },
  };
}
