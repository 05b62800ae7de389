import type { TensorData } from '@svo/files';
import type { Batch, Example } from '../examples/example.ts';

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

const checkExample = (where: string, { ids, stepIds, credits, referenceLogps }: Example, row: number): void => {
  const fail = (what: string): never => {
    throw new RangeError(`${where}: examples[${row}] ${what}`);
  };
  if (stepIds.length !== ids.length) fail(`must have one stepId a token (${ids.length}), got ${stepIds.length}`);
  const beyond = stepIds.find((step) => step >= credits.length);
  if (beyond !== undefined) fail(`must have stepIds below credits.length (${credits.length}), got ${beyond}`);
  if (referenceLogps && referenceLogps.length !== credits.length) {
    fail(`must have one reference log-prob a step (${credits.length}), got ${referenceLogps.length}`);
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

/**
 * Checks examples, settles T and S, and lays out what is per step [B, S].
 *
 * @throws RangeError, beginning with `where`, when there is no example, one is inconsistent, or a fixed size is too small
 */
export const layOut = (where: string, examples: readonly Example[], options: CollateOptions): Layout => {
  const { multipleOf = 1 } = options;
  if (examples.length === 0) throw new RangeError(`${where}: examples must hold at least one, got none`);
  if (!Number.isInteger(multipleOf) || multipleOf < 1) {
    throw new RangeError(`${where}: multipleOf must be a positive integer, got ${multipleOf}`);
  }
  for (const [row, example] of examples.entries()) checkExample(where, example, row);
  const rows = examples.length;
  const lengths = examples.map(({ ids }) => ids.length);
  const most = largest(examples.map(({ credits }) => credits.length));
  const fitted = size(`${where}: length`, options.length, largest(lengths), 'truncateSteps drops whole steps');
  const steps = size(`${where}: steps`, options.steps, most, 'truncateSteps({ maxSteps }) drops whole steps');
  const mask = new Float32Array(rows * steps);
  const credits = new Float32Array(rows * steps);
  const referenceLogps = new Float32Array(rows * steps);
  examples.forEach((example, row) => {
    const start = row * steps;
    credits.set(example.credits, start);
    if (example.referenceLogps) referenceLogps.set(example.referenceLogps, start);
    else referenceLogps.fill(Number.NaN, start, start + example.credits.length);
    for (const step of example.stepIds) if (step >= 0) mask[start + step] = 1;
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
