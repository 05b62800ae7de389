import type { Batch } from '@svo/data';
import type { Material, Plan } from '../plan.ts';
import { type AnyLoss, lossOptions, type ManifestLoss } from '../shared/any-loss.ts';
import { type TokenBatch, tokenMaterial, tokenOrder } from '../tokens/token-batches.ts';
import { answered } from './judged.ts';

/**
 * An implicit process reward model: the policy itself, trained so that its log-ratio to what it began as says how a response ended. The rewards of tokens and steps
 * are `implicitRewards` of the two.
 */
export async function implicitPrmPlan(
  material: Material,
  loss: ManifestLoss,
  options: object,
): Promise<Plan<TokenBatch & { readonly right: Batch['credits'] }>> {
  const { lm } = material.learner;
  const trajectories = answered(material).map((row) => ({ ...row, credits: [] }));
  const { batches, ...order } = await tokenOrder({ ...material, trajectories });
  const settled = lossOptions(loss, options, material.settings.beta);
  return {
    ...order,
    *batches(cursor) {
      // A row's rewards stand at its last token: they add up to how it ended.
      for (const batch of batches(cursor)) yield { ...batch, right: outcomes(batch) };
    },
    loss: (params, batch, { host }) => {
      const { referenceLogps, mask } = tokenMaterial(batch);
      const policyLogps = lm.tokenLogps(params, batch.ids, { scored: host.stepIds });
      const inputs = { policyLogps, referenceLogps, labels: batch.right, mask };
      return { loss: (loss as AnyLoss)(inputs as never, settled) };
    },
  };
}

function outcomes({ rewards }: Pick<TokenBatch, 'rewards'>): Batch['credits'] {
  const [rows, length] = rewards.shape as [number, number];
  const data = new Float32Array(rows);
  for (let row = 0; row < rows; row++)
    data[row] = Number(rewards.data.subarray(row * length, (row + 1) * length).some((reward) => reward > 0));
  return { data, shape: [rows] };
}
