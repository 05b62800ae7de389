import type { TensorData } from '@svo/files';
import { assertCounts, assertOptions } from '@svo/mdp';
import { type Batch, type Example, stepOf } from '../examples/example.ts';

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
  /** Whether the batch has `behaviorLogps`; by default where any example has them. `batches` asks all of the data. */
  readonly behavior?: boolean;
}

/** The names of {@link CollateOptions}. */
export const collateOptions = ['padId', 'multipleOf', 'length', 'steps', 'behavior'] as const;

/** Refuses options nobody reads, and a `padId` that is no id. */
export const checkCollateOptions = (caller: string, options: CollateOptions): void => {
  assertOptions(caller, options, collateOptions);
  if (!Number.isInteger(options.padId) || options.padId < 0)
    throw new RangeError(`${caller}: padId must be a token id, got ${options.padId} (the tokenizer's padId)`);
};

/** What padded and packed batches share: the sizes, and everything that is per step. */
export interface Layout extends Pick<Batch, 'mask' | 'credits' | 'referenceLogps' | 'lengths' | 'droppedSteps'> {
  /** T, rounded up. */
  readonly length: number;
  /** S. */
  readonly steps: number;
}

/** Not `Math.max(...values)`, which fails for a hundred thousand. */
const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

const checkExample = (
  where: string,
  { ids, stepIds, credits, referenceLogps, behaviorLogps }: Example,
  row: number,
): void => {
  const fail = (what: string): never => {
    throw new RangeError(`${where}: examples[${row}] ${what}`);
  };
  if (stepIds.length !== ids.length) fail(`must have one stepId a token (${ids.length}), got ${stepIds.length}`);
  const beyond = stepIds.find((step) => step >= credits.length);
  if (beyond !== undefined) fail(`must have stepIds below credits.length (${credits.length}), got ${beyond}`);
  if (referenceLogps && referenceLogps.length !== credits.length) {
    fail(`must have one reference log-prob a step (${credits.length}), got ${referenceLogps.length}`);
  }
  if (behaviorLogps && behaviorLogps.length !== ids.length) {
    fail(`must have one behavior log-prob a token (${ids.length}), got ${behaviorLogps.length}`);
  }
};

/** A fixed size, or the largest found; an example that doesn't fit a fixed size is an error, never cut in silence. */
const size = (name: string, fixed: number | undefined, found: number, hint: string): number => {
  if (fixed === undefined) return Math.max(1, found);
  if (!Number.isInteger(fixed) || fixed < found || fixed < 1) {
    throw new RangeError(`${name} must be a positive integer of at least ${found}, got ${fixed} (${hint})`);
  }
  return fixed;
};

/** An array of `rows` rows with `data` in it. */
export const grid = <Data extends Int32Array | Float32Array>(data: Data, rows: number): TensorData<Data> => ({
  data,
  shape: [rows, data.length / rows],
});

/** One number a row. */
export const column = (values: readonly number[]): TensorData<Float32Array> => ({
  data: Float32Array.from(values),
  shape: [values.length],
});

/** Puts an example's behaviour log-probs where its tokens are: 0 where nothing is scored, NaN where they are not known. */
export const setBehavior = (data: Float32Array, start: number, example: Example): void => {
  for (let at = 0; at < example.ids.length; at++)
    data[start + at] = stepOf(example, at) < 0 ? 0 : (example.behaviorLogps?.[at] ?? Number.NaN);
};

/** Whether a batch of these has behaviour log-probs. */
export const hasBehavior = (examples: readonly Example[], { behavior }: CollateOptions): boolean =>
  behavior ?? examples.some(({ behaviorLogps }) => behaviorLogps);

/**
 * Checks examples, settles T and S, and lays out what is per step [B, S].
 *
 * @throws RangeError, beginning with `where`, when there is no example, one is inconsistent, or a fixed size is too small
 */
export const layOut = (where: string, examples: readonly Example[], options: CollateOptions): Layout => {
  const { multipleOf = 1 } = options;
  if (examples.length === 0) throw new RangeError(`${where}: examples must hold at least one, got none`);
  assertCounts(where, { multipleOf });
  for (const [row, example] of examples.entries()) checkExample(where, example, row);
  const rows = examples.length;
  const lengths = examples.map(({ ids }) => ids.length);
  const most = largest(examples.map(({ credits }) => credits.length));
  const fitted = size(
    `${where}: length`,
    options.length,
    largest(lengths),
    'truncateSteps drops whole steps, truncatePairs and truncateUnpaired whole rows',
  );
  const steps = size(`${where}: steps`, options.steps, most, 'truncateSteps({ maxSteps }) drops whole steps');
  const mask = new Float32Array(rows * steps);
  const credits = new Float32Array(rows * steps);
  const referenceLogps = new Float32Array(rows * steps);
  examples.forEach((example, row) => {
    const start = row * steps;
    credits.set(example.credits, start);
    if (example.referenceLogps) referenceLogps.set(example.referenceLogps, start);
    else referenceLogps.fill(Number.NaN, start, start + example.credits.length);
    example.stepIds.forEach((_, at) => {
      const step = stepOf(example, at);
      if (step >= 0) mask[start + step] = 1;
    });
  });
  return {
    length: roundUp(fitted, multipleOf),
    steps,
    lengths,
    droppedSteps: examples.map(({ droppedSteps = 0 }) => droppedSteps),
    mask: grid(mask, rows),
    credits: grid(credits, rows),
    referenceLogps: grid(referenceLogps, rows),
  };
};
