import type { TensorData } from '@svo/files';
import type { Example } from '../examples/example.ts';
import { type CollateOptions, grid, layOut } from './layout.ts';

/**
 * Examples laid end to end in rows of one length: R rows, T tokens, B examples, S steps. Needs a model that keeps segments
 * apart in its attention: those of `@svo/models` do, `lm.tokenLogps(params, ids, { scored: stepIds, segments })`.
 */
export interface PackedBatch {
  /** Token ids [R, T]. */
  readonly ids: TensorData<Int32Array>;
  /** Which example of its row a token belongs to [R, T]: 0, 1, …; −1 in padding. Attention stays within a segment. */
  readonly segments: TensorData<Int32Array>;
  /** Position within the example [R, T], for the rotary embedding; 0 in padding. */
  readonly positions: TensorData<Int32Array>;
  /**
   * example · S + step of a scored token [R, T], −1 elsewhere: with `stepLogps(tokenLogps.reshape([1, R·T]),
   * stepIds.reshape([1, R·T]), B·S).reshape([B, S])` the losses see what they would see unpacked.
   */
  readonly stepIds: TensorData<Int32Array>;
  /** As in a `Batch` [B, S], in the order of the examples given. */
  readonly mask: TensorData<Float32Array>;
  readonly credits: TensorData<Float32Array>;
  readonly referenceLogps: TensorData<Float32Array>;
  /** Tokens of each row before padding [R]. */
  readonly lengths: readonly number[];
  /** Whole steps that truncation cut off each example [B]. */
  readonly droppedSteps: readonly number[];
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
  const layout = layOut('packExamples', examples, options);
  const { length, steps, mask, credits, referenceLogps, lengths: sizes, droppedSteps } = layout;
  const rows = assignRows(sizes, length);
  const tokens = rows.length * length;
  const ids = new Int32Array(tokens).fill(options.padId);
  const segments = new Int32Array(tokens).fill(-1);
  const positions = new Int32Array(tokens);
  const stepIds = new Int32Array(tokens).fill(-1);
  rows.forEach((members, row) => {
    let start = row * length;
    members.forEach((example, segment) => {
      const source = examples[example]!;
      const end = start + sizes[example]!;
      ids.set(source.ids, start);
      segments.fill(segment, start, end);
      for (let at = start; at < end; at++) {
        positions[at] = at - start;
        const step = source.stepIds[at - start]!;
        if (step >= 0) stepIds[at] = example * steps + step;
      }
      start = end;
    });
  });
  const count = rows.length;
  return {
    ids: grid(ids, count),
    segments: grid(segments, count),
    positions: grid(positions, count),
    stepIds: grid(stepIds, count),
    mask,
    credits,
    referenceLogps,
    droppedSteps,
    lengths: rows.map((members) => members.reduce((sum, example) => sum + sizes[example]!, 0)),
  };
}
