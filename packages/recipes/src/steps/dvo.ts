import { type Batch, batches, type Example, type Planned, tokenizeTrajectory } from '@svo/data';
import { dvoLoss, sftLoss, stepMetrics } from '@svo/losses';
import { assertOptions, type ValuedTrajectory } from '@svo/mdp';
import { stepLogps, tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { type AnyLoss, lossOptions, type ManifestLoss, takenBy } from '../shared/any-loss.ts';
import { credited } from '../shared/credited.ts';
import { fitting } from '../shared/fitting.ts';
import { orderOf } from '../shared/order.ts';
import { withReference } from '../shared/reference.ts';
import { heldReference, mismatchedLogps, mismatchedSteps } from './mismatched-steps.ts';

/** What belongs to a step. */
export interface DvoPlanOptions {
  /**
   * Whether a step's delimiter, and the end of the response in its last step, are part of the action: true by default. The
   * paper's code leaves them out; then nothing holds them, and a small model learns to write on where a step should end
   * (docs/study.md).
   */
  readonly scoreDelimiters?: boolean;
}

/**
 * DVO: every step's βΔ is regressed on its credit c = r + V(s′) − V(s), against the frozen reference (2502.13723, eq. 10).
 * A step ends with its delimiter, the last one with the end of the response: that it ends there is part of what was done.
 *
 * @param material trajectories with credits; `settings.sftWeight` adds SFT on what ended right
 * @throws RangeError on an unknown option
 */
export function dvoPlan(material: Material, options: DvoPlanOptions = {}): Promise<Plan<Batch & Planned>> {
  return planOf('dvoPlan', material, scoring('dvoPlan', material, options), dvoLoss, {});
}

/**
 * DVO at the level of the response, the paper's own ablation (section 6, figure 7): the whole response is one action, worth
 * the sum of its steps' credits, which is r − V(s₀). The same tokens are scored as in {@link dvoPlan}.
 */
export function dvoResponsePlan(material: Material, options: DvoPlanOptions = {}): Promise<Plan<Batch & Planned>> {
  const exampleOf = scoring('dvoResponsePlan', material, options);
  const asOne = (trajectory: ValuedTrajectory): Example => asOneAction(exampleOf(trajectory), trajectory);
  return planOf('dvoResponsePlan', material, asOne, dvoLoss, {});
}

/** Steps with their credits under any loss that regresses on them, such as `dvoKtoLoss`. */
export function stepsPlan(material: Material, loss: ManifestLoss, options: object): Promise<Plan<Batch & Planned>> {
  const { name } = loss.manifest;
  return planOf(name, material, scoring(name, material, {}), loss, options);
}

/** How a trajectory becomes tokens, and which of them are scored. */
function scoring(
  caller: string,
  { learner }: Material,
  options: DvoPlanOptions,
): (trajectory: ValuedTrajectory) => Example {
  assertOptions(caller, options, ['scoreDelimiters']);
  const { scoreDelimiters = true } = options;
  return (trajectory) => tokenizeTrajectory(trajectory, learner.tokenizer, { scoreDelimiters });
}

const asOneAction = (example: Example, { credits }: ValuedTrajectory): Example => ({
  ...example,
  stepIds: example.stepIds.map((step) => Math.min(step, 0)),
  credits: [credits.reduce((sum, credit) => sum + credit, 0)],
});

async function planOf(
  caller: string,
  material: Material,
  exampleOf: (trajectory: ValuedTrajectory) => Example,
  loss: ManifestLoss,
  options: object,
): Promise<Plan<Batch & Planned>> {
  const { learner, settings } = material;
  const { beta, sftWeight = 0 } = settings;
  const drifts = 'policyKlLogps' in loss.manifest.inputs ? heldReference(caller, material) : undefined;
  const rows = credited(caller, material).map((trajectory) => ({ trajectory, example: exampleOf(trajectory) }));
  const { kept, dropped } = fitting(rows, ({ example }) => [example], settings);
  const examples = await withReference(
    material,
    kept.map(({ example }) => example),
  );
  const { updates, frozen, from } = orderOf(material, examples.length);
  const { padId } = learner.tokenizer;
  const settled = lossOptions(loss, options, beta);
  return {
    updates,
    frozen,
    dropped,
    *batches(cursor) {
      for (const batch of batches(examples, from(cursor)))
        yield drifts === undefined
          ? batch
          : {
              ...batch,
              ...mismatchedSteps(
                batch.rows.map((row) => examples[row]!),
                padId,
              ),
            };
    },
    loss: (params, batch, { host }) => {
      const tokenLogps = learner.lm.tokenLogps(params, batch.ids, { scored: host.stepIds });
      const { referenceLogps, credits, mask } = batch;
      const policyLogps = stepLogps(tokenLogps, batch.stepIds, mask.shape[1]!);
      const inputs = { policyLogps, referenceLogps, credits, mask };
      const drift = drifts && {
        policyKlLogps: mismatchedLogps(learner, params, batch as never, host as never),
        referenceKlLogps: mismatchedLogps(learner, drifts, batch as never, host as never),
      };
      const value = (loss as AnyLoss)(takenBy(loss, { ...inputs, ...drift }) as never, settled);
      const metrics = stepMetrics(inputs, { beta });
      if (sftWeight === 0) return { loss: value, ...metrics };
      const right = rightTokens(
        batch.stepIds,
        batch.rows.map((row) => kept[row]!.trajectory.reward > 0),
      );
      const likelihood = sftLoss({ policyLogps: tokenLogps, mask: right });
      return { loss: tf.add(value, tf.mul(likelihood, sftWeight)) as tf.Scalar, 'dvo/loss': value, ...metrics };
    },
  };
}

/** 1 on the scored tokens of rows that ended right, [B, T]. */
function rightTokens(stepIds: tf.Tensor, right: readonly boolean[]): tf.Tensor {
  const rows = tf.tensor2d(right.map((is) => [Number(is)]));
  return tf.mul(tf.cast(tf.greaterEqual(stepIds, 0), 'float32'), rows);
}
