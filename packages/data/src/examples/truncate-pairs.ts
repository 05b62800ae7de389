import { assertCounts, assertOptions } from '@svo/mdp';
import { type Example, scoredTokens, stepOf } from './example.ts';
import type { PairExample } from './pairs.ts';
import type { UnpairedExample } from './unpaired.ts';

/** How over-long pairs and completions are made to fit. */
export interface TruncatePairsOptions {
  /** The most tokens a side may have: prompt, completion and EOS. */
  readonly maxLength: number;
  /**
   * What is kept of a longer one: `'start'` its first `maxLength` tokens (TRL's `keep_start`), `'end'` its completion with as
   * much of the prompt's end as fits (`keep_end`). By default nothing: a pair that is too long is dropped whole.
   */
  readonly keep?: 'start' | 'end';
}

/** What truncation did to pairs or rows, each counted as one. */
export interface Truncated<Item> {
  /** Those that are left, in their order. */
  readonly kept: readonly Item[];
  /** Indices of those that are not: too long, or without a scored token on some side once cut. */
  readonly dropped: readonly number[];
  /** How many of those kept were cut. */
  readonly cut: number;
  /** Tokens that went, of both sides, whether cut off or dropped. */
  readonly droppedTokens: number;
  /** Scored tokens that went from the completions of those kept: what no loss will see of answers that are still compared. */
  readonly cutCompletionTokens: number;
}

const slice = (example: Example, start: number, end: number): Example => {
  const { ids, stepIds, behaviorLogps, referenceLogps: _, terminal, ...rest } = example;
  const parts = stepIds.slice(start, end).map((_step, at) => (at === 0 ? -1 : stepOf(example, start + at)));
  return {
    ...rest,
    ids: ids.slice(start, end),
    stepIds: parts,
    ...(behaviorLogps && { behaviorLogps: behaviorLogps.slice(start, end) }),
    terminal: terminal && end >= ids.length,
  };
};

/** Both sides by one rule, or none of them. */
const together = (
  sides: readonly Example[],
  { maxLength, keep }: TruncatePairsOptions,
): readonly Example[] | undefined => {
  const longest = sides.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const over = longest - maxLength;
  if (over <= 0) return sides;
  if (keep === undefined) return undefined;
  // The same tokens go from the front of both, so that their contexts stay one.
  const cut = sides.map((side) =>
    keep === 'end'
      ? slice(side, over, side.ids.length)
      : side.ids.length > maxLength
        ? slice(side, 0, maxLength)
        : side,
  );
  const whole = (side: Example, at: number) => scoredTokens(side) === scoredTokens(sides[at]!);
  if (keep === 'end' && !cut.every(whole)) return undefined;
  return cut.every((side) => scoredTokens(side) > 0) ? cut : undefined;
};

const truncateItems = <Item>(
  caller: string,
  items: readonly Item[],
  options: TruncatePairsOptions,
  sidesOf: (item: Item) => readonly Example[],
  withSides: (item: Item, sides: readonly Example[]) => Item,
): Truncated<Item> => {
  assertOptions(caller, options, ['maxLength', 'keep']);
  const { maxLength, keep } = options;
  assertCounts(caller, { maxLength });
  if (keep !== undefined && keep !== 'start' && keep !== 'end')
    throw new RangeError(`${caller}: keep must be 'start', 'end' or absent, got ${JSON.stringify(keep)}`);
  const tokens = (sides: readonly Example[]): number => sides.reduce((sum, { ids }) => sum + ids.length, 0);
  const kept: Item[] = [];
  const dropped: number[] = [];
  const scored = (sides: readonly Example[]): number => sides.reduce((sum, side) => sum + scoredTokens(side), 0);
  let [cut, droppedTokens, cutCompletionTokens] = [0, 0, 0];
  items.forEach((item, index) => {
    const before = sidesOf(item);
    const after = together(before, options);
    droppedTokens += tokens(before) - tokens(after ?? []);
    if (after === undefined) dropped.push(index);
    else {
      if (after !== before) cut++;
      cutCompletionTokens += scored(before) - scored(after);
      kept.push(after === before ? item : withSides(item, after));
    }
  });
  return { kept, dropped, cut, droppedTokens, cutCompletionTokens };
};

/**
 * Makes pairs fit: both sides are cut by one rule, or dropped together, and count as one pair. A cut side has no reference
 * log-probs any more (they were of other tokens); one whose end was cut off is no longer terminal. With `keep: 'end'` completions
 * stay whole and as many tokens go from the front of both sides, BOS first, as the longer one has too many.
 *
 * @param options `maxLength` in tokens; `keep`: by default a pair that is too long is dropped
 * @throws RangeError when `maxLength` is no positive integer or `keep` is none of its values
 * @example
 * ```ts
 * import { truncatePairs } from '@svo/data';
 * const side = (...ids: number[]) => ({ ids: [5, 6, ...ids], stepIds: [-1, -1, ...ids.map(() => 0)], credits: [0], terminal: true });
 * const pair = { chosen: side(1), rejected: side(2, 3), chosenValue: 1, rejectedValue: -1 };
 * truncatePairs([pair], { maxLength: 3 }); // => { kept: [], dropped: [0], cut: 0, droppedTokens: 7, cutCompletionTokens: 0 }
 * const [start] = truncatePairs([pair], { maxLength: 3, keep: 'start' }).kept;
 * [start?.chosen.ids, start?.rejected.ids]; // => [[5, 6, 1], [5, 6, 2]]
 * const [end] = truncatePairs([pair], { maxLength: 3, keep: 'end' }).kept;
 * [end?.chosen.ids, end?.rejected.ids]; // => [[6, 1], [6, 2, 3]]
 * ```
 */
export function truncatePairs(pairs: readonly PairExample[], options: TruncatePairsOptions): Truncated<PairExample> {
  return truncateItems(
    'truncatePairs',
    pairs,
    options,
    ({ chosen, rejected }) => [chosen, rejected],
    (pair, [chosen, rejected]) => ({ ...pair, chosen: chosen!, rejected: rejected! }),
  );
}

/**
 * Makes labelled completions fit, by the rules of {@link truncatePairs}.
 *
 * @throws RangeError as `truncatePairs`
 * @example
 * ```ts
 * import { truncateUnpaired } from '@svo/data';
 * const example = { ids: [5, 6, 7], stepIds: [-1, 0, 0], credits: [0], terminal: true };
 * const { kept } = truncateUnpaired([{ example, label: true }], { maxLength: 2, keep: 'start' });
 * kept[0]?.example.ids; // => [5, 6]
 * ```
 */
export function truncateUnpaired(
  rows: readonly UnpairedExample[],
  options: TruncatePairsOptions,
): Truncated<UnpairedExample> {
  return truncateItems(
    'truncateUnpaired',
    rows,
    options,
    ({ example }) => [example],
    (row, [example]) => ({ ...row, example: example! }),
  );
}
