import type { PairExample } from '../examples/pairs.ts';
import { type PerPair, perPair, sidesOf } from './collate-pairs.ts';
import { type CollateOptions, checkCollateOptions, layOut } from './layout.ts';
import { layEndToEnd, type PackedTokens } from './pack-rows.ts';

/** Both sides of B pairs laid end to end in rows of one length; R rows, T tokens. The [B] arrays are those of a `PairBatch`. */
export interface PackedPairBatch extends PackedTokens, PerPair {
  /**
   * The side a scored token belongs to [R, T]: 0 … B−1 chosen, B … 2B−1 rejected; −1 elsewhere. With
   * `stepLogps(tokenLogps.reshape([1, R·T]), stepIds.reshape([1, R·T]), 2B)` split in two come the [B] log-probs of each side.
   */
  readonly stepIds: PackedTokens['stepIds'];
  /** Whole steps that truncation cut off each side [2B]. */
  readonly droppedSteps: readonly number[];
}

/**
 * Pairs packed into as few rows as first-fit finds: both sides of a pair are in one batch, wherever they lie. Needs a model that
 * keeps `segments` apart, as `packExamples` does.
 *
 * @param pairs at least one, from `tokenizePair`
 * @param options as for `packExamples`; `steps` has no meaning here
 * @throws RangeError when there is no pair, an example is inconsistent, or one is longer than `length`
 * @example
 * ```ts
 * import { packPairs } from '@svo/data';
 * const side = (...ids: number[]) => ({ ids: [5, ...ids], stepIds: [-1, ...ids.map(() => 0)], credits: [0], terminal: false });
 * const packed = packPairs([{ chosen: side(6), rejected: side(7, 8, 9), chosenValue: 1, rejectedValue: -1 }], { padId: 0, length: 6 });
 * [...packed.ids.data]; // => [5, 7, 8, 9, 5, 6]
 * [...packed.stepIds.data]; // => [-1, 1, 1, 1, -1, 0]
 * ```
 */
export function packPairs(pairs: readonly PairExample[], options: CollateOptions): PackedPairBatch {
  checkCollateOptions('packPairs', options);
  const sides = sidesOf('packPairs', pairs);
  const { length, lengths: sizes, droppedSteps } = layOut('packPairs', sides, options);
  return { ...layEndToEnd(sides, sizes, length, options, (side) => side), ...perPair(pairs), droppedSteps };
}
