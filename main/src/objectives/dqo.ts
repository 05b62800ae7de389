/** DQO: a soft actor-critic over tokens, policy as Q and a value network of its own (2410.09302). */
import { type Batch, batches, type Planned, tokenizeTrajectory } from '@svo/data';
import { dqoPolicyLoss, dqoValueLoss } from '@svo/losses';
import { type Params, valueNetwork } from '@svo/models';
import { tf } from '@svo/tensor';
import { orderOf } from './order.ts';
import type { Material, Plan } from './plan.ts';
import { tokenReference } from './reference.ts';

/** Names of the value network's parameters beside the policy's. */
const prefix = 'value_network.';

/** The outcome reward on the last token, λ = 1, importance weights against the policy that searched. */
export function dqoPlan(material: Material): Plan<TokenBatch> {
  const { learner, trajectories, reference, recipe, seed } = material;
  const { lm, tokenizer } = learner;
  const network = valueNetwork(lm.config);
  const examples = trajectories.map((one) => tokenizeTrajectory(one, tokenizer, { scoreDelimiters: true }));
  const { updates, from } = orderOf(material, examples.length);
  return {
    updates,
    *batches(cursor) {
      for (const batch of batches(examples, from(cursor))) {
        const rewards = outcomeAtEnd(
          batch,
          batch.rows.map((row) => trajectories[row]!.reward),
        );
        yield { ...batch, rewards, tokenReference: tokenReference(learner, reference, batch) };
      }
    },
    extras: () => prefixed(network.init(seed)),
    loss: (params, { ids, stepIds, rewards, tokenReference: referenceLogps }) => {
      const mask = tf.cast(tf.greaterEqual(stepIds, 0), 'float32');
      const policyLogps = lm.tokenLogps(params, ids, { scored: stepIds });
      const values = beforeToken(network.tokenValues(unprefixed(params), ids));
      const inputs = { policyLogps, referenceLogps, behaviorLogps: referenceLogps, values, rewards, mask };
      const policy = dqoPolicyLoss(inputs, { beta: recipe.beta });
      const value = dqoValueLoss(inputs, { beta: recipe.beta });
      return { loss: tf.add(policy, value) as tf.Scalar, 'loss/policy': policy, 'loss/value': value };
    },
  };
}

/** A batch with an outcome reward at each row's last scored token, and the reference's token log-probs, both [B, T]. */
interface TokenBatch extends Batch, Planned {
  readonly rewards: TokenGrid;
  readonly tokenReference: TokenGrid;
}

interface TokenGrid {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** V(s_h) stands before its action: the value read at token h − 1 belongs to the state in which token h is chosen. */
function beforeToken(values: tf.Tensor): tf.Tensor {
  const [rows, length] = values.shape as [number, number];
  return tf.concat([tf.zeros([rows, 1]), tf.slice(values, [0, 0], [rows, length - 1])], 1);
}

function outcomeAtEnd({ stepIds }: Batch, outcomes: readonly number[]): TokenGrid {
  const [rows, length] = stepIds.shape as [number, number];
  const data = new Float32Array(rows * length);
  for (let row = 0; row < rows; row++) {
    let last = length - 1;
    while (last > 0 && stepIds.data[row * length + last]! < 0) last--;
    data[row * length + last] = outcomes[row]!;
  }
  return { data, shape: [rows, length] };
}

const prefixed = (params: Params): Params =>
  Object.fromEntries(Object.entries(params).map(([name, tensor]) => [prefix + name, tensor]));

const unprefixed = (params: Params): Params =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
    ),
  );
