import type { CollateOptions, OrderOptions, Planned } from '@svo/data';
import type { CausalLm } from '@svo/models';
import type { Material, Plan } from '../plan.ts';

/** How often, and in what order, the rows of a material are gone through. */
export interface Order {
  readonly updates: number;
  /** The learner's matrices outside its parameters, for the plan. */
  readonly frozen: Plan<object>['frozen'];
  /** Options for the batch makers of `@svo/data`, from a cursor on. */
  readonly from: (cursor: unknown) => OrderOptions & CollateOptions;
}

/** Full batches only, shuffled anew in every epoch: the same order for every objective, so that they differ in their losses alone. */
export function orderOf(
  { learner, settings, seed }: Pick<Material, 'learner' | 'settings' | 'seed'>,
  rows: number,
): Order {
  const { batchSize, epochs } = settings;
  const perEpoch = Math.floor(rows / batchSize);
  const updates = epochs === undefined ? settings.updates : Math.max(1, Math.round(epochs * perEpoch));
  const order = {
    batchSize,
    seed,
    epochs: perEpoch === 0 ? 1 : Math.ceil(updates / perEpoch),
    dropLast: true,
    padId: learner.tokenizer.padId,
    multipleOf: 4,
  };
  return {
    updates: perEpoch === 0 ? 0 : updates,
    frozen: (learner.lm as Partial<CausalLm>).decoder?.frozen,
    from: (cursor) => (cursor === undefined ? order : { ...order, cursor: cursor as Planned['cursor'] }),
  };
}
