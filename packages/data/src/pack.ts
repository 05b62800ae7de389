import { type CollateOptions, collate, roundUp } from './collate.ts';
import type { Example, HostArray } from './example.ts';

/**
 * Examples laid end to end in rows of one length: R rows, T tokens, B examples, S steps. Needs a model that keeps segments
 * apart in its attention.
 */
export interface PackedBatch {
  /** Token ids [R, T]. */
  readonly ids: HostArray<Int32Array>;
  /** Which example of its row a token belongs to [R, T]: 0, 1, …; −1 in padding. Attention stays within a segment. */
  readonly segments: HostArray<Int32Array>;
  /** Position within the example [R, T], for the rotary embedding; 0 in padding. */
  readonly positions: HostArray<Int32Array>;
  /**
   * example · S + step of a scored token [R, T], −1 elsewhere: with `stepLogps(tokenLogps.reshape([1, R·T]),
   * stepIds.reshape([1, R·T]), B·S).reshape([B, S])` the losses see what they would see unpacked.
   */
  readonly stepIds: HostArray<Int32Array>;
  /** As in a `Batch` [B, S], in the order of the examples given. */
  readonly mask: HostArray<Float32Array>;
  readonly credits: HostArray<Float32Array>;
  readonly referenceLogps: HostArray<Float32Array>;
  /** Tokens of each row before padding [R]. */
  readonly lengths: readonly number[];
}

/** First fit, longest first: within 22 % of the fewest rows possible (Johnson 1973), in practice within a row or two. */
const assignRows = (lengths: readonly number[], capacity: number): number[][] => {
  const order = lengths.map((_, example) => example).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const rows: { examples: number[]; free: number }[] = [];
  for (const example of order) {
    let row = rows.find(({ free }) => free >= lengths[example]!);
    if (row === undefined) {
      row = { examples: [], free: capacity };
      rows.push(row);
    }
    row.examples.push(example);
    row.free -= lengths[example]!;
  }
  return rows.map(({ examples }) => examples);
};

/**
 * Packs examples into as few rows as first-fit finds, so that almost no token is padding.
 *
 * @param options `padId`; `length` T, by default the longest example's; `multipleOf` 1; `steps` S
 * @throws RangeError when there is no example, one is inconsistent, or one is longer than `length`
 * @example
 * ```ts
 * import { packExamples } from '@svo/data';
 * const row = (length: number) => ({ ids: Array(length).fill(9), stepIds: Array(length).fill(0), credits: [0.5], terminal: true });
 * const packed = packExamples([row(2), row(4), row(1)], { padId: 0 });
 * packed.ids.shape; // => [2, 4]
 * [...packed.segments.data]; // => [0, 0, 0, 0, 0, 0, 1, -1]
 * ```
 */
export function packExamples(examples: readonly Example[], options: CollateOptions): PackedBatch {
  // `collate` checks the examples and lays out what is per step; its rows are laid out anew below.
  const { mask, credits, referenceLogps, lengths: sizes } = collate(examples, options);
  const longest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const length = roundUp(options.length ?? longest, options.multipleOf ?? 1);
  const steps = credits.shape[1]!;
  const rows = assignRows(sizes, length);
  const grid = (fill: number): HostArray<Int32Array> => ({
    data: new Int32Array(rows.length * length).fill(fill),
    shape: [rows.length, length],
  });
  const [ids, segments, positions, stepIds] = [grid(options.padId), grid(-1), grid(0), grid(-1)];
  rows.forEach((members, row) => {
    let at = row * length;
    members.forEach((example, segment) => {
      const source = examples[example]!;
      source.ids.forEach((id, position) => {
        ids.data[at] = id;
        segments.data[at] = segment;
        positions.data[at] = position;
        const step = source.stepIds[position]!;
        stepIds.data[at] = step < 0 ? -1 : example * steps + step;
        at++;
      });
    });
  });
  const lengths = rows.map((members) => members.reduce((sum, example) => sum + sizes[example]!, 0));
  return { ids, segments, positions, stepIds, mask, credits, referenceLogps, lengths };
}
