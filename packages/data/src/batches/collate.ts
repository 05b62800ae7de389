import type { Batch, Example } from '../examples/example.ts';
import { type CollateOptions, grid, layOut } from './layout.ts';

/**
 * Examples as one padded batch, rows in the order given.
 *
 * @param examples at least one
 * @param options `padId`; `multipleOf` 1; fixed `length` and `steps`, by default the largest found
 * @returns a {@link Batch}: ids and stepIds int32 [B, T], mask, credits and referenceLogps float32 [B, S]
 * @throws RangeError when there is no example, one is inconsistent, or one is longer than a fixed size
 * @example
 * ```ts
 * import { collate } from '@svo/data';
 * const batch = collate([{ ids: [5, 6, 7], stepIds: [-1, 0, 1], credits: [0.5, 0.25], terminal: true }], { padId: 0, multipleOf: 4 });
 * [...batch.ids.data]; // => [5, 6, 7, 0]
 * [...batch.stepIds.data]; // => [-1, 0, 1, -1]
 * batch.credits.shape; // => [1, 2]
 * ```
 */
export function collate(examples: readonly Example[], options: CollateOptions): Batch {
  const { length, mask, credits, referenceLogps, lengths, droppedSteps } = layOut('collate', examples, options);
  const rows = examples.length;
  const ids = new Int32Array(rows * length).fill(options.padId);
  const stepIds = new Int32Array(rows * length).fill(-1);
  examples.forEach((example, row) => {
    ids.set(example.ids, row * length);
    stepIds.set(example.stepIds, row * length);
  });
  return { ids: grid(ids, rows), stepIds: grid(stepIds, rows), mask, credits, referenceLogps, lengths, droppedSteps };
}
