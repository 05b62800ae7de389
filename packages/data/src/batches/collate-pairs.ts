import type { TensorData } from '@svo/files';
import { type Example, scoredTokens } from '../examples/example.ts';
import type { PairExample } from '../examples/pairs.ts';
import { layOutRows } from './collate.ts';
import { type CollateOptions, checkCollateOptions, column } from './layout.ts';

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
  /** Scored tokens of each side [B]; a first token without prediction is none. */
  readonly chosenLengths: TensorData<Float32Array>;
  readonly rejectedLengths: TensorData<Float32Array>;
  /** log π_ref of each side [B]; NaN where it is not known. */
  readonly referenceChosenLogps: TensorData<Float32Array>;
  readonly referenceRejectedLogps: TensorData<Float32Array>;
  /** log μ of each token [2B, T], as in a `Batch`. */
  readonly behaviorLogps?: TensorData<Float32Array>;
  /** Tokens of each row before padding [2B]. */
  readonly lengths: readonly number[];
  /** Whole steps that truncation cut off each row [2B]. */
  readonly droppedSteps: readonly number[];
}

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
  checkCollateOptions('collatePairs', options);
  const { ids, stepIds, behaviorLogps, lengths, droppedSteps } = layOutRows(
    'collatePairs',
    sidesOf('collatePairs', pairs),
    options,
  );
  return { ids, stepIds, ...perPair(pairs), ...(behaviorLogps && { behaviorLogps }), lengths, droppedSteps };
}

/** The chosen sides, then the rejected ones. */
export const sidesOf = (where: string, pairs: readonly PairExample[]): Example[] => {
  if (pairs.length === 0) throw new RangeError(`${where}: pairs must hold at least one, got none`);
  return [...pairs.map(({ chosen }) => chosen), ...pairs.map(({ rejected }) => rejected)];
};

/** What a batch of pairs has one number a pair of. */
export type PerPair = Pick<
  PairBatch,
  | 'chosenValues'
  | 'rejectedValues'
  | 'chosenLengths'
  | 'rejectedLengths'
  | 'referenceChosenLogps'
  | 'referenceRejectedLogps'
>;

/** The [B] arrays of a batch of pairs. */
export const perPair = (pairs: readonly PairExample[]): PerPair => ({
  chosenValues: column(pairs.map((pair) => pair.chosenValue)),
  rejectedValues: column(pairs.map((pair) => pair.rejectedValue)),
  chosenLengths: column(pairs.map((pair) => scoredTokens(pair.chosen))),
  rejectedLengths: column(pairs.map((pair) => scoredTokens(pair.rejected))),
  referenceChosenLogps: column(pairs.map((pair) => referenceLogp(pair.chosen))),
  referenceRejectedLogps: column(pairs.map((pair) => referenceLogp(pair.rejected))),
});
