import { type CollateOptions, collate } from './collate.ts';
import type { Batch, Example } from './example.ts';
import { batchOrder, type OrderOptions, type Planned } from './order.ts';

/**
 * Padded batches in a seeded order. Every batch carries `rows`, the indices of its examples, and `cursor`, plain JSON from
 * which the rest of the order is the same to the last bit; save it beside the weights.
 *
 * @param options order: `batchSize`, `seed`, `epochs` 1, `shuffled` true, `dropLast` false, `window` 1, `cursor`; padding:
 *   `padId`, `multipleOf` 1, `length`, `steps`
 * @throws RangeError for settings out of range, an inconsistent example, or a cursor of another order
 * @example
 * ```ts
 * import { batches } from '@svo/data';
 * const examples = [1, 2, 3].map((id) => ({ ids: [id, id], stepIds: [-1, 0], credits: [0.5], terminal: true }));
 * const options = { batchSize: 2, seed: 7, padId: 0 };
 * const [first, second] = [...batches(examples, options)];
 * const cursor = JSON.parse(JSON.stringify(first!.cursor));
 * const [resumed] = [...batches(examples, { ...options, cursor })];
 * resumed!.rows[0] === second!.rows[0]; // => true
 * ```
 */
export function* batches(
  examples: readonly Example[],
  options: OrderOptions & CollateOptions,
): Generator<Batch & Planned, void, undefined> {
  for (const planned of batchOrder(
    examples.map(({ ids }) => ids.length),
    options,
  )) {
    yield {
      ...collate(
        planned.rows.map((row) => examples[row]!),
        options,
      ),
      ...planned,
    };
  }
}
