import { assertCounts, assertOptions, createRng, permutation, shuffle, splitRng } from '@svo/mdp';
import * as z from 'zod';
import { parseWith } from '../rows/schemas.ts';

/**
 * A place in the order of a data set: `batch` of `epoch` comes next. Plain JSON; the rest says which order it is a place
 * in, so that resuming with other settings is an error and not another order.
 */
export interface Cursor {
  readonly epoch: number;
  readonly batch: number;
  readonly seed: number;
  readonly batchSize: number;
  readonly examples: number;
  readonly shuffled: boolean;
  readonly dropLast: boolean;
  readonly window: number;
}

const whole = z.int().nonnegative();

/** A cursor whose type JSON, or a checkpoint, has forgotten. What is in it is checked. */
export type SavedCursor =
  | null
  | boolean
  | number
  | string
  | readonly SavedCursor[]
  | { readonly [key: string]: SavedCursor };

const cursorSchema: z.ZodType<Cursor> = z.strictObject({
  epoch: whole,
  batch: whole,
  seed: z.int(),
  batchSize: whole,
  examples: whole,
  shuffled: z.boolean(),
  dropLast: z.boolean(),
  window: whole,
});

/** Which examples make up the batches, and in what order. */
export interface OrderOptions {
  readonly batchSize: number;
  /** Seeds the order. Each epoch has its own. */
  readonly seed: number;
  /** Default 1. */
  readonly epochs?: number;
  /** False gives the order of the data. Default true. */
  readonly shuffled?: boolean;
  /** Leave out a last batch that isn't full. Default false. */
  readonly dropLast?: boolean;
  /** Sort by length within windows of this many batches, then shuffle the batches: less padding. Default 1, no sorting. */
  readonly window?: number;
  /** Where to go on: the cursor of the last batch that was used, also as JSON brought it back. The beginning by default. */
  readonly cursor?: Cursor | SavedCursor | undefined;
}

/** The names of {@link OrderOptions}. */
export const orderOptions = ['batchSize', 'seed', 'epochs', 'shuffled', 'dropLast', 'window', 'cursor'] as const;

/** One batch's rows, as indices into the examples, and the cursor that goes on after it. */
export interface Planned {
  readonly rows: readonly number[];
  readonly cursor: Cursor;
}

const chunks = <Item>(items: readonly Item[], size: number): Item[][] => {
  const result: Item[][] = [];
  for (let at = 0; at < items.length; at += size) result.push(items.slice(at, at + size));
  return result;
};

/** What an order is made of: a cursor holds it, so that it can tell whether it is a place in this one. */
type Settings = Omit<Cursor, 'epoch' | 'batch'>;

const settingsOf = (examples: number, options: OrderOptions): Settings => {
  const { seed, batchSize, shuffled = true, dropLast = false, window = 1 } = options;
  return { seed, batchSize, examples, shuffled, dropLast, window };
};

const epochsOf = ({ epochs = 1 }: OrderOptions): number => epochs;

const checkOptions = (examples: number, options: OrderOptions): void => {
  const settings = settingsOf(examples, options);
  const { batchSize, window } = settings;
  assertCounts('batches', { batchSize, epochs: epochsOf(options), window });
  if (examples === 0) throw new RangeError('batches: examples must hold at least one, got none');
  if (options.cursor === undefined) return;
  const cursor = parseWith(cursorSchema, options.cursor, 'batches: cursor');
  for (const [name, expected] of Object.entries(settings)) {
    const got = cursor[name as keyof Cursor];
    if (got !== expected) {
      throw new RangeError(
        `batches: cursor.${name} must be ${expected}, got ${got} (a cursor is a place in one order only)`,
      );
    }
  }
};

/** One epoch's batches: a pure function of the seed and the epoch, so that any place in it can be found again. */
const epochBatches = (lengths: readonly number[], epoch: number, settings: Settings): number[][] => {
  const { batchSize, seed, shuffled, dropLast, window } = settings;
  const rng = splitRng(splitRng(createRng(seed), 'batches'), epoch);
  const order = shuffled ? permutation(splitRng(rng, 'rows'), lengths.length) : lengths.map((_, row) => row);
  const used = dropLast ? order.slice(0, order.length - (order.length % batchSize)) : order;
  if (window === 1) return chunks(used, batchSize);
  const sorted = chunks(used, batchSize * window).flatMap((rows) =>
    chunks(
      rows.toSorted((a, b) => lengths[a]! - lengths[b]!),
      batchSize,
    ),
  );
  return shuffled ? shuffle(splitRng(rng, 'batches'), sorted) : sorted;
};

/**
 * The order of a data set: which rows make up each batch, epoch by epoch. The order depends on the seed, the settings and
 * the lengths alone; from a cursor, what remains is the same as it would have been.
 *
 * @param lengths the length of each example in tokens (used by `window` only)
 * @throws RangeError for settings out of range or a cursor of another order
 * @example
 * ```ts
 * import { batchOrder } from '@svo/data';
 * const plan = [...batchOrder([4, 4, 4], { batchSize: 2, seed: 1, shuffled: false })];
 * plan.map(({ rows }) => rows); // => [[0, 1], [2]]
 * ```
 */
export function batchOrder(lengths: readonly number[], options: OrderOptions): Generator<Planned, void, undefined> {
  assertOptions('batchOrder', options, orderOptions);
  // Checked here and not in the generator, whose body only runs when the first batch is asked for.
  checkOptions(lengths.length, options);
  return plan(lengths, options);
}

function* plan(lengths: readonly number[], options: OrderOptions): Generator<Planned, void, undefined> {
  const from = options.cursor as Cursor | undefined; // checked by then
  const settings = settingsOf(lengths.length, options);
  for (let epoch = from?.epoch ?? 0; epoch < epochsOf(options); epoch++) {
    const batches = epochBatches(lengths, epoch, settings);
    for (let batch = epoch === from?.epoch ? from.batch : 0; batch < batches.length; batch++) {
      const next = batch + 1 < batches.length ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };
      yield { rows: batches[batch]!, cursor: { ...next, ...settings } };
    }
  }
}
