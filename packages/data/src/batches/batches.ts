import type { Batch, Example } from '../examples/example.ts';
import type { PairExample } from '../examples/pairs.ts';
import { collateUnpaired, type UnpairedBatch, type UnpairedExample } from '../examples/unpaired.ts';
import { collate } from './collate.ts';
import { collatePairs, type PairBatch } from './collate-pairs.ts';
import type { CollateOptions } from './layout.ts';
import { batchOrder, type OrderOptions, type Planned } from './order.ts';
import { type PackedBatch, packExamples } from './pack.ts';

/** The order is checked when this is called, each batch when it is asked for. */
function planned<Item, Padded>(
  items: readonly Item[],
  lengthOf: (item: Item) => number,
  padded: (items: readonly Item[], options: CollateOptions) => Padded,
  options: OrderOptions & CollateOptions,
): Generator<Padded & Planned, void, undefined> {
  const order = batchOrder(items.map(lengthOf), options);
  function* generate(): Generator<Padded & Planned, void, undefined> {
    for (const plan of order) {
      const batch = plan.rows.map((row) => items[row]!);
      yield { ...padded(batch, options), ...plan };
    }
  }
  return generate();
}

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
export function batches(
  examples: readonly Example[],
  options: OrderOptions & CollateOptions,
): Generator<Batch & Planned, void, undefined> {
  return planned(examples, ({ ids }) => ids.length, collate, options);
}

/**
 * {@link batches} of pairs: each with both sides of `batchSize` pairs (see `collatePairs`).
 *
 * @throws RangeError as `batches` does
 * @example
 * ```ts
 * import { pairBatches } from '@svo/data';
 * const side = (id: number) => ({ ids: [5, id], stepIds: [-1, 0], credits: [0], terminal: false });
 * const pairs = [1, 2, 3].map((id) => ({ chosen: side(id), rejected: side(9), chosenValue: 1, rejectedValue: -1 }));
 * [...pairBatches(pairs, { batchSize: 2, seed: 1, padId: 0 })].map(({ ids }) => ids.shape); // => [[4, 2], [2, 2]]
 * ```
 */
export function pairBatches(
  pairs: readonly PairExample[],
  options: OrderOptions & CollateOptions,
): Generator<PairBatch & Planned, void, undefined> {
  return planned(
    pairs,
    ({ chosen, rejected }) => Math.max(chosen.ids.length, rejected.ids.length),
    collatePairs,
    options,
  );
}

/**
 * {@link batches} of labelled completions with their mismatched pairs (see `collateUnpaired`). A last batch of one can't be
 * mismatched: use `dropLast`, or a size that doesn't leave one over.
 *
 * @throws RangeError as `batches` does, and for a batch of one
 * @example
 * ```ts
 * import { unpairedBatches } from '@svo/data';
 * const row = (id: number) => ({ example: { ids: [id, id], stepIds: [-1, 0], credits: [0], terminal: true }, label: id > 1 });
 * [...unpairedBatches([row(1), row(2), row(3)], { batchSize: 2, seed: 1, padId: 0, dropLast: true })].length; // => 1
 * ```
 */
export function unpairedBatches(
  rows: readonly UnpairedExample[],
  options: OrderOptions & CollateOptions,
): Generator<UnpairedBatch & Planned, void, undefined> {
  return planned(rows, ({ example }) => example.ids.length, collateUnpaired, options);
}

/**
 * {@link batches} packed: the same `batchSize` examples at a time in the same order, laid end to end in as few rows as they
 * fit (see `packExamples`), for models that keep `segments` apart.
 *
 * @param options as for `batches`; `length` is what a row holds, by default the longest example of each batch
 * @throws RangeError as `batches`
 * @example
 * ```ts
 * import { packedBatches } from '@svo/data';
 * const row = (length: number) => ({ ids: Array(length).fill(9), stepIds: Array(length).fill(0), credits: [0.5], terminal: true });
 * const [batch] = [...packedBatches([row(2), row(4), row(1)], { batchSize: 3, seed: 1, padId: 0 })];
 * batch!.ids.shape; // => [2, 4]
 * ```
 */
export function packedBatches(
  examples: readonly Example[],
  options: OrderOptions & CollateOptions,
): Generator<PackedBatch & Planned, void, undefined> {
  return planned(examples, ({ ids }) => ids.length, packExamples, options);
}
