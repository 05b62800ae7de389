/** The order of a round's training: the same for every objective, so that they differ in their losses alone. */
import type { CollateOptions, OrderOptions, Planned } from '@svo/data';
import type { Material } from './plan.ts';

export interface Order {
  readonly updates: number;
  /** Options for the batch makers of `@svo/data`, from a cursor on. */
  readonly from: (cursor: unknown) => OrderOptions & CollateOptions;
}

/** Full batches only, shuffled anew in every epoch. */
export function orderOf(
  { learner, recipe, seed }: Pick<Material, 'learner' | 'recipe' | 'seed'>,
  examples: number,
): Order {
  const { batchSize, epochs } = recipe;
  const order = { batchSize, epochs, seed, dropLast: true, padId: learner.tokenizer.padId, multipleOf: 4 };
  return {
    updates: epochs * Math.floor(examples / batchSize),
    from: (cursor) => (cursor === undefined ? order : { ...order, cursor: cursor as Planned['cursor'] }),
  };
}
