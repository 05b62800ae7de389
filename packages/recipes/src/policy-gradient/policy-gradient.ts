import { type Batch, batches, type Planned, tokenizeTrajectory } from '@svo/data';
import { grpoLoss, klEstimateLoss, policyGradientMetrics } from '@svo/losses';
import { grpoAdvantages, probabilityMask } from '@svo/mcts';
import { tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { type AnyLoss, type ManifestLoss, takenBy } from '../shared/any-loss.ts';
import { credited } from '../shared/credited.ts';
import { drawnLogps } from '../shared/drawn-logps.ts';
import { fitting } from '../shared/fitting.ts';
import { orderOf } from '../shared/order.ts';
import { tokenReferences } from '../shared/reference.ts';
import type { TokenGrid } from '../tokens/value-network.ts';
import { type Advantages, amongResponses, asCredited } from './advantages.ts';

/** A batch of trajectories with an advantage and a reference log-prob a token, both [B, T]. */
export interface PolicyGradientBatch extends Batch, Planned {
  readonly advantages: TokenGrid;
  readonly tokenReference: TokenGrid;
  /** log μ of each token: what came with its draw, else the reference's. */
  readonly behaviorLogps: TokenGrid;
  /** 1 on the tokens that are trained. */
  readonly trained: TokenGrid;
}

/** What a policy gradient is made of: whose advantages, and which loss. */
export interface PolicyGradient {
  readonly advantages: Advantages;
  /** A loss over advantages of `@svo/losses`. */
  readonly loss: ManifestLoss;
  /** The loss's options. `longest` is how many tokens the longest response has. */
  readonly options?: (longest: number) => object;
  /** Tokens that were drawn with this probability or more are not trained (SPO's mask): all are by default. */
  readonly unsure?: number;
}

/**
 * GRPO: every response against the others of its question, the same number for all its tokens (2402.03300). β is the weight of
 * the KL term, k3.
 */
export function grpoPlan(material: Material): Promise<Plan<PolicyGradientBatch>> {
  return groupPlan(material, grpoLoss, {});
}

/** Responses against the others of their question under any loss over advantages. */
export function groupPlan(material: Material, loss: ManifestLoss, options: object): Promise<Plan<PolicyGradientBatch>> {
  return policyGradientPlan(material, { advantages: amongResponses(grpoAdvantages), loss, options: () => options });
}

/**
 * VinePPO's advantages in the same loss: every step by what it changed, V(s′) − V(s), which is the trajectory's credit (2410.01679). The values
 * are those of the trees, however they were made.
 */
export async function vinePlan(material: Material): Promise<Plan<PolicyGradientBatch>> {
  credited('vinePlan', material);
  return policyGradientPlan(material, { advantages: asCredited, loss: grpoLoss });
}

/**
 * A surrogate over tokens, delimiters and the end included, with the advantage of each token's step, and β times the KL term, k3. Where the
 * trajectories hold what was drawn, μ is their log-probs; otherwise the reference stands for it.
 *
 * @throws RangeError when advantages are asked of trees that do not hold a trajectory
 * @example
 * ```ts
 * import { cispoLoss } from '@svo/losses';
 * import { rlooAdvantages } from '@svo/mcts';
 * import { amongResponses, type Material, policyGradientPlan } from '@svo/recipes';
 * const mine = (material: Material) => policyGradientPlan(material, { advantages: amongResponses(rlooAdvantages), loss: cispoLoss });
 * mine.length; // => 1
 * ```
 */
export async function policyGradientPlan(
  material: Material,
  { advantages, loss, options = () => ({}), unsure }: PolicyGradient,
): Promise<Plan<PolicyGradientBatch>> {
  const { learner, trajectories, settings } = material;
  const advantagesOf = advantages(material);
  const all = trajectories.map((one) =>
    tokenizeTrajectory({ ...one, credits: advantagesOf(one) }, learner.tokenizer, { scoreDelimiters: true }),
  );
  const { kept: examples, dropped } = fitting(all, (example) => [example], settings);
  const longest = examples.reduce((most, { stepIds }) => Math.max(most, stepIds.filter((id) => id >= 0).length), 1);
  const lossOptions = options(longest);
  const { updates, frozen, from } = orderOf(material, examples.length);
  const referenceOf = await tokenReferences(material, examples);
  return {
    updates,
    frozen,
    dropped,
    *batches(cursor) {
      for (const batch of batches(examples, from(cursor))) {
        const referenceLogps = referenceOf(batch);
        const behaviorLogps = drawnLogps(batch, referenceLogps);
        const trained = trainedTokens(batch, behaviorLogps, unsure);
        yield { ...batch, behaviorLogps, trained, advantages: byToken(batch), tokenReference: referenceLogps };
      }
    },
    loss: (params, batch, { host }) => {
      const policyLogps = learner.lm.tokenLogps(params, batch.ids, { scored: host.stepIds });
      const { advantages, tokenReference: referenceLogps, behaviorLogps, trained: mask } = batch;
      const inputs = { policyLogps, behaviorLogps, advantages, mask };
      const surrogate = (loss as AnyLoss)(takenBy(loss, inputs) as never, lossOptions);
      const kl = klEstimateLoss({ policyLogps, referenceLogps, mask });
      const total = tf.add(surrogate, tf.mul(kl, settings.beta)) as tf.Scalar;
      return { loss: total, 'loss/policy': surrogate, 'kl/reference': kl, ...policyGradientMetrics(inputs) };
    },
  };
}

/** 1 on the scored tokens, of which those that the policy was sure of may be left out, [B, T]. */
function trainedTokens({ stepIds }: Pick<Batch, 'stepIds'>, { data, shape }: TokenGrid, unsure?: number): TokenGrid {
  const unsureOf =
    unsure === undefined
      ? undefined
      : probabilityMask(
          Array.from(data, (logp) => Math.min(logp, 0)),
          { threshold: unsure },
        );
  return { data: Float32Array.from(stepIds.data, (step, at) => (step < 0 ? 0 : (unsureOf?.[at] ?? 1))), shape };
}

/** The advantage of the step each token is scored in, 0 where none is, [B, T]. */
function byToken({ stepIds, credits }: Pick<Batch, 'stepIds' | 'credits'>): TokenGrid {
  const [rows, length] = stepIds.shape as [number, number];
  const steps = credits.shape[1]!;
  const data = Float32Array.from(stepIds.data, (step, at) =>
    step < 0 ? 0 : credits.data[Math.floor(at / length) * steps + step]!,
  );
  return { data, shape: [rows, length] };
}
