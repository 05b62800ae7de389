import type { Batch, Example, HostArray } from './example.ts';

/** How examples are padded to one shape. */
export interface CollateOptions {
  /** Fills short rows; the tokenizer's `padId`. */
  readonly padId: number;
  /** T is rounded up to a multiple of this: kernels like 4, 8 or 64. Default 1. */
  readonly multipleOf?: number;
  /** A fixed T, so that every batch has one shape; the longest example's length by default. */
  readonly length?: number;
  /** A fixed S; the largest number of steps by default. */
  readonly steps?: number;
}

/** Not `Math.max(...values)`, which fails for a hundred thousand. */
const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

const checkExample = ({ ids, stepIds, credits, referenceLogps }: Example, row: number): void => {
  const fail = (what: string): never => {
    throw new RangeError(`collate: examples[${row}] ${what}`);
  };
  if (stepIds.length !== ids.length) fail(`must have one stepId a token (${ids.length}), got ${stepIds.length}`);
  const beyond = stepIds.find((step) => step >= credits.length);
  if (beyond !== undefined) fail(`must have stepIds below credits.length (${credits.length}), got ${beyond}`);
  if (referenceLogps && referenceLogps.length !== credits.length) {
    fail(`must have one reference log-prob a step (${credits.length}), got ${referenceLogps.length}`);
  }
};

/** A fixed size, or the largest found; an example that doesn't fit a fixed size is an error, never cut in silence. */
const size = (name: string, fixed: number | undefined, largest: number, hint: string): number => {
  if (fixed === undefined) return Math.max(1, largest);
  if (!Number.isInteger(fixed) || fixed < largest || fixed < 1) {
    throw new RangeError(`collate: ${name} must be a positive integer of at least ${largest}, got ${fixed} (${hint})`);
  }
  return fixed;
};

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
  const { padId, multipleOf = 1 } = options;
  if (examples.length === 0) throw new RangeError('collate: examples must hold at least one, got none');
  if (!Number.isInteger(multipleOf) || multipleOf < 1) {
    throw new RangeError(`collate: multipleOf must be a positive integer, got ${multipleOf}`);
  }
  examples.forEach(checkExample);
  const rows = examples.length;
  const lengths = examples.map(({ ids }) => ids.length);
  const longest = largest(lengths);
  const most = largest(examples.map(({ credits }) => credits.length));
  const length = roundUp(size('length', options.length, longest, 'truncateSteps drops whole steps'), multipleOf);
  const steps = size('steps', options.steps, most, 'truncateSteps({ maxSteps }) drops whole steps');

  const grid = <Data extends Int32Array | Float32Array>(data: Data, columns: number): HostArray<Data> => ({
    data,
    shape: [rows, columns],
  });
  const ids = grid(new Int32Array(rows * length).fill(padId), length);
  const stepIds = grid(new Int32Array(rows * length).fill(-1), length);
  const mask = grid(new Float32Array(rows * steps), steps);
  const credits = grid(new Float32Array(rows * steps), steps);
  const referenceLogps = grid(new Float32Array(rows * steps), steps);
  examples.forEach((example, row) => {
    ids.data.set(example.ids, row * length);
    stepIds.data.set(example.stepIds, row * length);
    credits.data.set(example.credits, row * steps);
    const unknown = () => example.credits.map(() => Number.NaN);
    referenceLogps.data.set(example.referenceLogps ?? unknown(), row * steps);
    for (const step of example.stepIds) if (step >= 0) mask.data[row * steps + step] = 1;
  });
  return { ids, stepIds, mask, credits, referenceLogps, lengths };
}
