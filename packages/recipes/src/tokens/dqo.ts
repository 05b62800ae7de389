import { dqoPolicyLoss, dqoValueLoss } from '@svo/losses';
import { assertOptions } from '@svo/mdp';
import { tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { drawnOnly } from '../shared/drawn-logps.ts';
import { type TokenBatch, tokenMaterial, tokenOrder } from './token-batches.ts';
import { tokenValues } from './value-network.ts';

/** What the paper's ablations vary. */
export interface DqoPlanOptions {
  /** λ of the returns: 1 by default. Below 1 the value network speaks for what is to come. */
  readonly lambda?: number;
  /**
   * Whether a trajectory is weighed by how likely it is now against when it was drawn: true by default, which leaves out
   * what came without `draws`, and counts it as dropped. `'reference'`: one that came without counts as drawn by the reference, which is
   * right where the reference drew it (the paper's setting, and a first round). False: every weight is 1.
   */
  readonly importanceWeights?: boolean | 'reference';
  /**
   * What is rewarded: `'outcome'` (default), r at the last token, or `'steps'`, each step's credit r + V(s′) − V(s) at the end of
   * the step, which adds up to r − V(s₀) over a trajectory.
   */
  readonly rewards?: 'outcome' | 'steps';
}

/**
 * DQO: a soft actor-critic over tokens, the policy as Q and a value network of its own (2410.09302, algorithm 1). The
 * outcome is the reward of the last token, λ = 1; importance weights are against the policy that drew the tokens, by the log-probs that
 * came with them: the model's own, before temperature, top-k and top-p. A token of a drawn trajectory that has none (a delimiter put in,
 * the end, a step that was cut inside a token) counts by the reference's; `importance/unknown` in the report is their share.
 *
 * @throws RangeError for an unknown option, and for trajectories none of which has `draws` where weights need them
 */
export async function dqoPlan(material: Material, options: DqoPlanOptions = {}): Promise<Plan<TokenBatch>> {
  assertOptions('dqoPlan', options, ['lambda', 'importanceWeights', 'rewards']);
  const { lambda = 1, importanceWeights = true, rewards = 'outcome' } = options;
  const { learner, settings, seed } = material;
  const { beta } = settings;
  const network = tokenValues(learner);
  if (typeof importanceWeights !== 'boolean' && importanceWeights !== 'reference')
    throw new RangeError(
      `dqoPlan: importanceWeights must be true, false or 'reference', got ${JSON.stringify(importanceWeights)}`,
    );
  const { trajectories } = material;
  const kept = importanceWeights === true ? drawnOnly('dqoPlan', trajectories) : trajectories;
  const { dropped = 0, ...order } = await tokenOrder({ ...material, trajectories: kept }, rewards);
  return {
    ...order,
    dropped: dropped + trajectories.length - kept.length,
    extras: () => network.init(seed),
    loss: (params, batch, { host }) => {
      const policyLogps = learner.lm.tokenLogps(params, batch.ids, { scored: host.stepIds });
      const { behaviorLogps, ...own } = tokenMaterial(batch);
      const weighed = importanceWeights ? { behaviorLogps } : {};
      const inputs = { policyLogps, values: network.beforeTokens(params, batch.ids), ...own, ...weighed };
      const policy = dqoPolicyLoss(inputs, { beta, lambda });
      const value = dqoValueLoss(inputs, { beta, lambda });
      const told = importanceWeights ? { 'importance/unknown': host.unknownLogps } : {};
      return { loss: tf.add(policy, value) as tf.Scalar, 'loss/policy': policy, 'loss/value': value, ...told };
    },
  };
}
