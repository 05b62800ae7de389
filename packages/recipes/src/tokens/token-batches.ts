import { type Batch, batches, type Planned, tokenizeTrajectory } from '@svo/data';
import { tf, type Uploaded } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { credited } from '../shared/credited.ts';
import { drawnLogps, unknownLogps } from '../shared/drawn-logps.ts';
import { fitting } from '../shared/fitting.ts';
import { orderOf } from '../shared/order.ts';
import { tokenReferences } from '../shared/reference.ts';
import { creditsAtStepEnds, outcomeAtEnd, type TokenGrid } from './value-network.ts';

/** A batch of trajectories with what losses on tokens need, all [B, T]. */
export interface TokenBatch extends Batch, Planned {
  /** The outcome at each row's last scored token, or each step's credit at the step's last one; 0 elsewhere. */
  readonly rewards: TokenGrid;
  /** log π_ref of each scored token. */
  readonly tokenReference: TokenGrid;
  /** log μ of each token: what came with its draw, else the reference's. */
  readonly behaviorLogps: TokenGrid;
  /** The share of scored tokens whose log μ did not come with a draw. */
  readonly unknownLogps: number;
}

/** What a loss on tokens takes from a batch, beside the policy's log-probs and the values. */
export interface TokenMaterial {
  readonly referenceLogps: tf.Tensor;
  readonly behaviorLogps: tf.Tensor;
  readonly rewards: tf.Tensor;
  readonly mask: tf.Tensor;
}

/** Batches of whole trajectories, delimiters and the end included, since every token is an action. */
export async function tokenOrder(
  material: Material,
  rewarded: 'outcome' | 'steps' = 'outcome',
): Promise<Omit<Plan<TokenBatch>, 'loss'>> {
  const { learner } = material;
  // Where the outcome is the reward, nobody looks at a step's credit: rows may have none.
  const trajectories =
    rewarded === 'steps'
      ? credited('tokenOrder', material)
      : material.trajectories.map((one) => ({ ...one, credits: one.steps.map(() => 0) }));
  const rows = trajectories.map((one) => ({
    outcome: one.reward,
    example: tokenizeTrajectory(one, learner.tokenizer, { scoreDelimiters: true }),
  }));
  const { kept, dropped } = fitting(rows, ({ example }) => [example], material.settings);
  const examples = kept.map(({ example }) => example);
  const { updates, frozen, from } = orderOf(material, examples.length);
  const referenceOf = await tokenReferences(material, examples);
  return {
    updates,
    frozen,
    dropped,
    *batches(cursor) {
      for (const batch of batches(examples, from(cursor))) {
        const outcomes = batch.rows.map((row) => kept[row]!.outcome);
        const referenceLogps = referenceOf(batch);
        yield {
          ...batch,
          behaviorLogps: drawnLogps(batch, referenceLogps),
          unknownLogps: unknownLogps(batch),
          rewards: rewarded === 'steps' ? creditsAtStepEnds(batch) : outcomeAtEnd(batch, outcomes),
          tokenReference: referenceLogps,
        };
      }
    },
  };
}

/**
 * The tensors of a batch under the names of the losses' arguments. The behaviour policy is the one that drew the tokens, whose
 * log-probs came with them; where they did not, the reference stands in, which is right in the first round alone.
 */
export function tokenMaterial({
  stepIds,
  rewards,
  tokenReference,
  behaviorLogps,
}: Uploaded<TokenBatch>): TokenMaterial {
  return {
    referenceLogps: tokenReference,
    behaviorLogps,
    rewards,
    mask: tf.cast(tf.greaterEqual(stepIds, 0), 'float32'),
  };
}
