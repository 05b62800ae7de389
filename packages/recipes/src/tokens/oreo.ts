import { oreoPolicyLoss, oreoValueLoss, paperPresets } from '@svo/losses';
import { tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { type TokenBatch, tokenMaterial, tokenOrder } from './token-batches.ts';
import { tokenValues } from './value-network.ts';

/** OREO at its token level: soft path consistency between the policy and a value network of its own (2412.16145, eq. 6 to 8). */
export async function oreoPlan(material: Material): Promise<Plan<TokenBatch>> {
  const { learner, settings, seed } = material;
  const { beta } = settings;
  const { klWeight } = paperPresets.oreoToken;
  const network = tokenValues(learner);
  return {
    ...(await tokenOrder(material)),
    extras: () => network.init(seed),
    loss: (params, batch, { host }) => {
      const policyLogps = learner.lm.tokenLogps(params, batch.ids, { scored: host.stepIds });
      const { behaviorLogps: _, ...own } = tokenMaterial(batch);
      const inputs = { policyLogps, values: network.beforeTokens(params, batch.ids), ...own };
      const policy = oreoPolicyLoss(inputs, { beta, klWeight });
      const value = oreoValueLoss(inputs, { beta });
      return { loss: tf.add(policy, value) as tf.Scalar, 'loss/policy': policy, 'loss/value': value };
    },
  };
}
