import type { TensorData } from '@svo/files';
import type { Example } from '../examples/example.ts';
import type { PairExample } from '../examples/pairs.ts';
import { collate } from './collate.ts';
import type { CollateOptions } from './layout.ts';

/**
 * Pairs as one batch of 2B rows, the chosen ones first, so that one forward pass serves both sides. The [B] arrays have the
 * losses' argument names.
 */
export interface PairBatch {
  /** Token ids [2B, T]: rows 0 … B−1 chosen, B … 2B−1 rejected. */
  readonly ids: TensorData<Int32Array>;
  /** 0 for a scored token, −1 for any other [2B, T]. */
  readonly stepIds: TensorData<Int32Array>;
  /** V after each side's step [B]. */
  readonly chosenValues: TensorData<Float32Array>;
  readonly rejectedValues: TensorData<Float32Array>;
  /** Scored tokens of each side [B]. */
  readonly chosenLengths: TensorData<Float32Array>;
  readonly rejectedLengths: TensorData<Float32Array>;
  /** log π_ref of each side [B]; NaN where it is not known. */
  readonly referenceChosenLogps: TensorData<Float32Array>;
  readonly referenceRejectedLogps: TensorData<Float32Array>;
  /** Tokens of each row before padding [2B]. */
  readonly lengths: readonly number[];
  /** Whole steps that truncation cut off each row [2B]. */
  readonly droppedSteps: readonly number[];
}

const column = (values: readonly number[]): TensorData<Float32Array> => ({
  data: Float32Array.from(values),
  shape: [values.length],
});

const scoredTokens = ({ stepIds }: Example): number => stepIds.filter((step) => step >= 0).length;

const referenceLogp = ({ referenceLogps }: Example): number =>
  referenceLogps?.reduce((sum, logp) => sum + logp, 0) ?? Number.NaN;

/**
 * Pairs as one padded batch, in the order given.
 *
 * @param pairs at least one, from `tokenizePair`
 * @param options as for `collate`
 * @throws RangeError when there is no pair, an example is inconsistent, or one is longer than a fixed size
 * @example
 * ```ts
 * import { collatePairs } from '@svo/data';
 * const side = (id: number) => ({ ids: [5, id], stepIds: [-1, 0], credits: [0], terminal: false });
 * const batch = collatePairs([{ chosen: side(6), rejected: side(7), chosenValue: 0.5, rejectedValue: -0.5 }], { padId: 0 });
 * [...batch.ids.data]; // => [5, 6, 5, 7]
 * batch.ids.shape; // => [2, 2]
 * ```
 */
export function collatePairs(pairs: readonly PairExample[], options: CollateOptions): PairBatch {
  if (pairs.length === 0) throw new RangeError('collatePairs: pairs must hold at least one, got none');
  const chosen = pairs.map((pair) => pair.chosen);
  const rejected = pairs.map((pair) => pair.rejected);
  const { ids, stepIds, lengths, droppedSteps } = collate([...chosen, ...rejected], options);
  return {
    ids,
    stepIds,
    chosenValues: column(pairs.map((pair) => pair.chosenValue)),
    rejectedValues: column(pairs.map((pair) => pair.rejectedValue)),
    chosenLengths: column(chosen.map(scoredTokens)),
    rejectedLengths: column(rejected.map(scoredTokens)),
    referenceChosenLogps: column(chosen.map(referenceLogp)),
    referenceRejectedLogps: column(rejected.map(referenceLogp)),
    lengths,
    droppedSteps,
  };
}
