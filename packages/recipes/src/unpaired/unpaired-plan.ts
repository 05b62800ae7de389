import { type Planned, tokenizeUnpaired, type UnpairedBatch, unpairedBatches } from '@svo/data';
import { unpairedMetrics } from '@svo/losses';
import type { Params } from '@svo/models';
import { stepLogps, tf } from '@svo/tensor';
import type { CompletionRow, Material, Plan } from '../plan.ts';
import { type AnyLoss, lossOptions, type ManifestLoss, takenBy } from '../shared/any-loss.ts';
import { fitting } from '../shared/fitting.ts';
import { orderOf } from '../shared/order.ts';
import { isFrozen, withReference } from '../shared/reference.ts';
import { remoteDrift } from './remote-drift.ts';

/** B labelled completions, and mismatched ones. */
export interface Labelled extends UnpairedBatch, Planned {
  /** log π_ref of the mismatched ones [B], where the reference is on a server. */
  readonly referenceKlLogps?: UnpairedBatch['labels'];
}

/** Labelled completions under any loss that looks at each by itself. */
export async function unpairedPlan(
  caller: string,
  material: Material,
  loss: ManifestLoss,
  options: object,
): Promise<Plan<Labelled>> {
  const { learner, reference, settings } = material;
  const { lm, tokenizer } = learner;
  const all = labelled(caller, material).map((row) => tokenizeUnpaired(row, tokenizer));
  const { kept: rows, dropped } = fitting(all, ({ example }) => [example], settings);
  const examples = await withReference(
    material,
    rows.map(({ example }) => example),
  );
  const scored = rows.map((row, i) => ({ ...row, example: examples[i]! }));
  const { updates, frozen, from } = orderOf(material, rows.length);
  const logps = (params: Params, ids: tf.Tensor, stepIds: tf.Tensor, scored: UnpairedBatch['stepIds']) =>
    tf.reshape(stepLogps(lm.tokenLogps(params, ids, { scored }), stepIds, 1), [ids.shape[0]!]);
  const order = (cursor?: unknown): Iterable<Labelled> => unpairedBatches(scored, from(cursor));
  // The drift z is KTO's: no other loss of this shape asks for it.
  const drifts = 'policyKlLogps' in loss.manifest.inputs;
  const drift = drifts && isFrozen(reference) ? await remoteDrift(learner, reference, order(), updates) : undefined;
  const settled = lossOptions(loss, options, settings.beta);
  return {
    updates,
    frozen,
    dropped,
    *batches(cursor) {
      for (const batch of order(cursor)) yield drift ? { ...batch, referenceKlLogps: drift(batch) } : batch;
    },
    loss: (params, { ids, stepIds, klIds, klStepIds, labels, referenceLogps, referenceKlLogps: given }, { host }) => {
      const policyLogps = logps(params, ids, stepIds, host.stepIds);
      // A mismatched pair is made anew in every batch, so its two log-probs are too; z never carries gradient.
      const drift = drifts && {
        policyKlLogps: logps(params, klIds, klStepIds, host.klStepIds),
        referenceKlLogps: given ?? logps(reference as Params, klIds, klStepIds, host.klStepIds),
      };
      const inputs = { policyLogps, referenceLogps, labels };
      const value = (loss as AnyLoss)(takenBy(loss, { ...inputs, ...drift }) as never, settled);
      return { loss: value, ...unpairedMetrics(inputs, { beta: settings.beta }) };
    },
  };
}

/** Trajectories by their outcome, and the material's own labelled completions. */
function labelled(
  caller: string,
  { trajectories, completions = [] }: Material,
): (CompletionRow & { label: boolean })[] {
  const drawn = trajectories.map(({ questionId, prompt, steps, reward, draws }) => ({
    ...{ questionId, prompt, completion: steps.join(''), label: reward > 0 },
    ...(draws && { draws }),
  }));
  const written = completions.map((row, i) => {
    if (row.label !== undefined) return { ...row, label: row.label };
    throw new RangeError(
      `${caller}: completions[${i}] must have a label, true or false, got none (a row of kind unpaired holds prompt, completion, label)`,
    );
  });
  return [...drawn, ...written];
}
