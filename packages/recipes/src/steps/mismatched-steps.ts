import { type Batch, collate, type Example, mismatchedExamples } from '@svo/data';
import type { Params } from '@svo/models';
import { stepLogps, tf } from '@svo/tensor';
import type { Material } from '../plan.ts';
import { isFrozen } from '../shared/reference.ts';

/** Each prompt of a batch with another row's steps. */
export interface MismatchedSteps {
  readonly klIds: Batch['ids'];
  readonly klStepIds: Batch['stepIds'];
  /** 1 for a step that is there [B, S′]. */
  readonly klMask: Batch['mask'];
}

/** The steps of a batch's rows after each other's prompts, as KTO pairs whole completions. */
export function mismatchedSteps(examples: readonly Example[], padId: number): MismatchedSteps {
  const rows = mismatchedExamples(examples).map((example) => ({
    ...example,
    credits: Array.from({ length: Math.max(0, ...example.stepIds.map((step) => step + 1)) }, () => 0),
  }));
  const { ids, stepIds, mask } = collate(rows, { padId, multipleOf: 4 });
  return { klIds: ids, klStepIds: stepIds, klMask: mask };
}

/** log π of every mismatched step, [M]. */
export function mismatchedLogps(
  { lm }: Material['learner'],
  params: Params,
  { klIds, klStepIds }: { readonly klIds: tf.Tensor; readonly klStepIds: tf.Tensor },
  host: MismatchedSteps,
): tf.Tensor {
  const steps = host.klMask.shape[1]!;
  const logps = stepLogps(lm.tokenLogps(params, klIds, { scored: host.klStepIds }), klStepIds, steps);
  const there = Array.from(host.klMask.data.keys()).filter((at) => host.klMask.data[at]! > 0);
  return tf.gather(tf.reshape(logps, [logps.size]), tf.tensor1d(there, 'int32'));
}

/** @throws RangeError for a reference on a server: its log-probs of mismatched steps are asked for in every batch */
export function heldReference(caller: string, { reference }: Material): Params {
  if (!isFrozen(reference)) return reference;
  throw new RangeError(
    `${caller}: reference must be weights that are held here, got a model on a server (mismatched steps are made anew in every batch)`,
  );
}
