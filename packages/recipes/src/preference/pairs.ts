import { type PairBatch, type PairExample, type Planned, pairBatches, tokenizePair } from '@svo/data';
import { dpoLoss, type PairInputs, pairMetrics, stepDpoLoss } from '@svo/losses';
import { extractPairs } from '@svo/mcts';
import { stepLogps, tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { byQuestion } from '../shared/by-question.ts';
import { orderOf } from '../shared/order.ts';
import { withReference } from '../shared/reference.ts';

/** B pairs: rows of chosen sides, then rows of rejected ones. */
export type Pairs = PairBatch & Planned;

/** DPO: right responses against wrong ones to the same question, in the order they were drawn (2305.18290, eq. 7). */
export async function dpoPlan(material: Material): Promise<Plan<Pairs>> {
  const pairs = byQuestion(material.trajectories).flatMap((group) => {
    const right = group.filter(({ reward }) => reward > 0);
    const wrong = group.filter(({ reward }) => reward < 0);
    return right.slice(0, wrong.length).map((chosen, i) => ({
      prompt: chosen.prompt,
      chosen: chosen.steps.join(''),
      rejected: wrong[i]!.steps.join(''),
      ...(chosen.draws && wrong[i]!.draws && { draws: { chosen: chosen.draws, rejected: wrong[i]!.draws } }),
    }));
  });
  return pairPlan(
    material,
    pairs.map((pair) => tokenizePair(pair, material.learner.tokenizer)),
    (logps, beta) => dpoLoss(logps, { beta }),
  );
}

/** Step-DPO: sibling steps of the trees, the better one first (2406.18629). */
export async function stepDpoPlan(material: Material): Promise<Plan<Pairs>> {
  const pairs = material.trees
    .flatMap((tree) => extractPairs(tree, { seed: material.seed }))
    .filter(({ kind }) => kind === 'sibling');
  const examples = pairs.map((pair) => tokenizePair(pair, material.learner.tokenizer, { scoreDelimiters: false }));
  return pairPlan(material, examples, (logps, beta) => stepDpoLoss(logps, { beta }));
}

async function pairPlan(
  material: Material,
  pairs: readonly PairExample[],
  loss: (logps: PairInputs, beta: number) => tf.Scalar,
): Promise<Plan<Pairs>> {
  const { lm } = material.learner;
  const { beta } = material.settings;
  return {
    ...(await pairOrder(material, pairs)),
    loss: (params, batch, { host }) => {
      const { ids, stepIds, referenceChosenLogps, referenceRejectedLogps } = batch;
      const [policyChosenLogps, policyRejectedLogps] = halves(
        stepLogps(lm.tokenLogps(params, ids, { scored: host.stepIds }), stepIds, 1),
      );
      const logps = { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
      return { loss: loss(logps, beta), ...pairMetrics(logps, { beta }) };
    },
  };
}

/** Batches of pairs with the reference's log-probs in them. */
export async function pairOrder(material: Material, pairs: readonly PairExample[]): Promise<Omit<Plan<Pairs>, 'loss'>> {
  const side = (name: 'chosen' | 'rejected') =>
    withReference(
      material,
      pairs.map((pair) => pair[name]),
    );
  const [chosen, rejected] = [await side('chosen'), await side('rejected')];
  const scored = pairs.map((pair, i) => ({ ...pair, chosen: chosen[i]!, rejected: rejected[i]! }));
  const { updates, from } = orderOf(material, pairs.length);
  return { updates, batches: (cursor) => pairBatches(scored, from(cursor)) };
}

/** Rows [2B, 1] as two vectors [B]. */
export function halves(rows: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [first, second] = tf.split(tf.reshape(rows, [rows.size]), 2);
  return [first!, second!];
}
