import { assertOptions } from '@svo/mdp';
import type { Batch, Example } from '../examples/example.ts';
import type { PairExample } from '../examples/pairs.ts';
import type { UnpairedExample } from '../examples/unpaired.ts';
import { collate } from './collate.ts';
import { collatePairs, type PairBatch } from './collate-pairs.ts';
import { collateUnpaired, type UnpairedBatch } from './collate-unpaired.ts';
import { type CollateOptions, collateOptions, hasBehavior } from './layout.ts';
import { batchOrder, type OrderOptions, orderOptions, type Planned } from './order.ts';
import { type PackedBatch, packExamples } from './pack.ts';
import { type PackedPairBatch, packPairs } from './pack-pairs.ts';
import { type PackedUnpairedBatch, packUnpaired } from './pack-unpaired.ts';

/** What is batched, and how: the examples of one item, and what makes a batch of several. */
interface Kind<Item, Made> {
  readonly caller: string;
  readonly examplesOf: (item: Item) => readonly Example[];
  readonly make: (items: readonly Item[], options: CollateOptions) => Made;
}

const pick = <Key extends string>(options: Partial<Record<Key, unknown>>, names: readonly Key[]): object =>
  Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));

/** Options and order are checked when this is called, each batch when it is asked for. */
function planned<Item, Made>(
  items: readonly Item[],
  options: OrderOptions & CollateOptions,
  { caller, examplesOf, make }: Kind<Item, Made>,
): Generator<Made & Planned, void, undefined> {
  assertOptions(caller, options, [...orderOptions, ...collateOptions]);
  const lengths = items.map((item) => examplesOf(item).reduce((most, { ids }) => Math.max(most, ids.length), 0));
  const order = batchOrder(lengths, pick(options, orderOptions) as OrderOptions);
  // Asked of all the data, so that its batches are alike.
  const behavior = hasBehavior(items.flatMap(examplesOf), options);
  const layout = { ...(pick(options, collateOptions) as CollateOptions), behavior };
  function* generate(): Generator<Made & Planned, void, undefined> {
    for (const plan of order) {
      const batch = plan.rows.map((row) => items[row]!);
      yield { ...make(batch, layout), ...plan };
    }
  }
  return generate();
}

const sides = ({ chosen, rejected }: PairExample): readonly Example[] => [chosen, rejected];

/**
 * Padded batches in a seeded order. Every batch carries `rows`, the indices of its examples, and `cursor`, plain JSON from
 * which the rest of the order is the same to the last bit; save it beside the weights.
 *
 * @param options order: `batchSize`, `seed`, `epochs` 1, `shuffled` true, `dropLast` false, `window` 1, `cursor`; padding:
 *   `padId`, `multipleOf` 1, `length`, `steps`; `behavior`: where any example of the data has `behaviorLogps`, every batch has
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
  return planned(examples, options, { caller: 'batches', examplesOf: (example) => [example], make: collate });
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
  return planned(pairs, options, { caller: 'pairBatches', examplesOf: sides, make: collatePairs });
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
  return planned(rows, options, {
    caller: 'unpairedBatches',
    examplesOf: ({ example }) => [example],
    make: collateUnpaired,
  });
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
  return planned(examples, options, {
    caller: 'packedBatches',
    examplesOf: (example) => [example],
    make: packExamples,
  });
}

/**
 * {@link pairBatches} packed: both sides of `batchSize` pairs in as few rows as they fit (see `packPairs`).
 *
 * @throws RangeError as `batches` does
 * @example
 * ```ts
 * import { packedPairBatches } from '@svo/data';
 * const side = (id: number) => ({ ids: [5, id], stepIds: [-1, 0], credits: [0], terminal: false });
 * const pairs = [1, 2].map((id) => ({ chosen: side(id), rejected: side(9), chosenValue: 1, rejectedValue: -1 }));
 * [...packedPairBatches(pairs, { batchSize: 2, seed: 1, padId: 0, length: 8 })].map(({ ids }) => ids.shape); // => [[1, 8]]
 * ```
 */
export function packedPairBatches(
  pairs: readonly PairExample[],
  options: OrderOptions & CollateOptions,
): Generator<PackedPairBatch & Planned, void, undefined> {
  return planned(pairs, options, { caller: 'packedPairBatches', examplesOf: sides, make: packPairs });
}

/**
 * {@link unpairedBatches} packed (see `packUnpaired`).
 *
 * @throws RangeError as `unpairedBatches` does
 * @example
 * ```ts
 * import { packedUnpairedBatches } from '@svo/data';
 * const row = (id: number) => ({ example: { ids: [id, id], stepIds: [-1, 0], credits: [0], terminal: true }, label: id > 1 });
 * const [batch] = [...packedUnpairedBatches([row(1), row(2)], { batchSize: 2, seed: 1, padId: 0, length: 4 })];
 * batch?.klIds.shape; // => [1, 4]
 * ```
 */
export function packedUnpairedBatches(
  rows: readonly UnpairedExample[],
  options: OrderOptions & CollateOptions,
): Generator<PackedUnpairedBatch & Planned, void, undefined> {
  return planned(rows, options, {
    caller: 'packedUnpairedBatches',
    examplesOf: ({ example }) => [example],
    make: packUnpaired,
  });
}
