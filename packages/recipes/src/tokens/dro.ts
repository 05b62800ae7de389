import { droPolicyLoss, droValueLoss } from '@svo/losses';
import { sequenceLogps, tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { type TokenBatch, tokenMaterial, tokenOrder } from './token-batches.ts';
import { tokenValues } from './value-network.ts';

/**
 * DRO: one response, one reward, one value for the prompt, read before the first token (2405.19107, eq. 4). τ is
 * `settings.beta`; the policy's gradient is divided by it, as the paper's recipe does.
 */
export async function droPlan(material: Material): Promise<Plan<TokenBatch>> {
  const { learner, settings, seed } = material;
  const tau = settings.beta;
  const network = tokenValues(learner);
  return {
    ...(await tokenOrder(material)),
    extras: () => network.init(seed),
    loss: (params, batch, { host }) => {
      const { referenceLogps, rewards, mask } = tokenMaterial(batch);
      const sum = (tokens: tf.Tensor) => sequenceLogps(tokens, mask);
      const policyLogps = sum(learner.lm.tokenLogps(params, batch.ids, { scored: host.stepIds }));
      const first = tf.sub(mask, shiftedRight(tf.cumsum(mask, 1)));
      const values = sum(tf.mul(network.beforeTokens(params, batch.ids), tf.cast(tf.equal(first, 1), 'float32')));
      const inputs = { policyLogps, referenceLogps: sum(referenceLogps), values, rewards: sum(rewards) };
      const policy = droPolicyLoss(inputs, { tau, scale: 1 / tau });
      const value = droValueLoss(inputs, { tau });
      return { loss: tf.add(policy, value) as tf.Scalar, 'loss/policy': policy, 'loss/value': value };
    },
  };
}

/** Column t holds what column t − 1 held; 0 in the first. */
const shiftedRight = (rows: tf.Tensor): tf.Tensor => {
  const [count, length] = rows.shape as [number, number];
  return tf.concat([tf.zeros([count, 1]), tf.slice(rows, [0, 0], [count, length - 1])], 1);
};
