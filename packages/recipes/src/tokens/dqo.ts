import { dqoPolicyLoss, dqoValueLoss } from '@svo/losses';
import { tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { type TokenBatch, tokenMaterial, tokenOrder } from './token-batches.ts';
import { tokenValues } from './value-network.ts';

/**
 * DQO: a soft actor-critic over tokens, the policy as Q and a value network of its own (2410.09302, algorithm 1). The
 * outcome is the reward of the last token, λ = 1; importance weights are against the policy that drew the tokens.
 */
export function dqoPlan(material: Material): Plan<TokenBatch> {
  const { learner, settings, seed } = material;
  const { beta } = settings;
  const network = tokenValues(learner.lm);
  return {
    ...tokenOrder(material),
    extras: () => network.init(seed),
    loss: (params, batch, { host }) => {
      const policyLogps = learner.lm.tokenLogps(params, batch.ids, { scored: host.stepIds });
      const inputs = { policyLogps, values: network.beforeTokens(params, batch.ids), ...tokenMaterial(batch) };
      const policy = dqoPolicyLoss(inputs, { beta });
      const value = dqoValueLoss(inputs, { beta });
      return { loss: tf.add(policy, value) as tf.Scalar, 'loss/policy': policy, 'loss/value': value };
    },
  };
}
