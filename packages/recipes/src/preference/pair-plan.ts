import { type PairBatch, type PairExample, type Planned, pairBatches } from '@svo/data';
import { pairMetrics } from '@svo/losses';
import { stepLogps, tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { type AnyLoss, lossOptions, type ManifestLoss, takenBy } from '../shared/any-loss.ts';
import { fitting } from '../shared/fitting.ts';
import { orderOf } from '../shared/order.ts';
import { withReference } from '../shared/reference.ts';

/** B pairs: rows of chosen sides, then rows of rejected ones. */
export type Pairs = PairBatch & Planned;

/** Pairs under any loss that compares them: it gets those of the log-probs, lengths and values that its manifest names. */
export async function pairPlan(
  material: Material,
  pairs: readonly PairExample[],
  loss: ManifestLoss,
  options: object,
): Promise<Plan<Pairs>> {
  const { lm } = material.learner;
  const { beta } = material.settings;
  const settled = lossOptions(loss, options, beta);
  return {
    ...(await pairOrder(material, pairs)),
    loss: (params, batch, { host }) => {
      const { ids, stepIds, referenceChosenLogps, referenceRejectedLogps, chosenValues, rejectedValues } = batch;
      const [policyChosenLogps, policyRejectedLogps] = halves(
        stepLogps(lm.tokenLogps(params, ids, { scored: host.stepIds }), stepIds, 1),
      );
      const logps = { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
      const [chosenLengths, rejectedLengths] = halves(scoredTokens(stepIds));
      const known = { ...logps, chosenLengths, rejectedLengths, chosenValues, rejectedValues };
      const value = (loss as AnyLoss)(takenBy(loss, known) as never, settled);
      return { loss: value, ...pairMetrics(logps, { beta }) };
    },
  };
}

/** Batches of pairs with the reference's log-probs in them. */
export async function pairOrder(material: Material, given: readonly PairExample[]): Promise<Omit<Plan<Pairs>, 'loss'>> {
  const { kept: pairs, dropped } = fitting(given, ({ chosen, rejected }) => [chosen, rejected], material.settings);
  const side = (name: 'chosen' | 'rejected') =>
    withReference(
      material,
      pairs.map((pair) => pair[name]),
    );
  const [chosen, rejected] = [await side('chosen'), await side('rejected')];
  const scored = pairs.map((pair, i) => ({ ...pair, chosen: chosen[i]!, rejected: rejected[i]! }));
  const { updates, frozen, from } = orderOf(material, pairs.length);
  return { updates, frozen, dropped, batches: (cursor) => pairBatches(scored, from(cursor)) };
}

/** Rows [2B, 1] as two vectors [B]. */
export function halves(rows: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [first, second] = tf.split(tf.reshape(rows, [rows.size]), 2);
  return [first!, second!];
}

/** How many tokens of each row are scored. */
const scoredTokens = (stepIds: tf.Tensor): tf.Tensor => tf.sum(tf.cast(tf.greaterEqual(stepIds, 0), 'float32'), 1);
