import type { TensorData } from '@svo/files';
import { type Example, stepOf } from '../examples/example.ts';
import { type CollateOptions, grid, hasBehavior, setBehavior } from './layout.ts';

/** Examples end to end: what every packed batch has. R rows, T tokens. */
export interface PackedTokens {
  /** Token ids [R, T]. */
  readonly ids: TensorData<Int32Array>;
  /** Which example of its row a token belongs to [R, T]: 0, 1, …; −1 in padding. Attention stays within a segment. */
  readonly segments: TensorData<Int32Array>;
  /** Position within the example [R, T], for the rotary embedding; 0 in padding. */
  readonly positions: TensorData<Int32Array>;
  /** Where a scored token's log-prob is summed [R, T]; −1 elsewhere. */
  readonly stepIds: TensorData<Int32Array>;
  /** log μ of each token [R, T], as in a `Batch`. */
  readonly behaviorLogps?: TensorData<Float32Array>;
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

/** Lays examples of the given sizes into rows of `length`; `target` says where an example's step is summed. */
export const layEndToEnd = (
  examples: readonly Example[],
  sizes: readonly number[],
  length: number,
  options: CollateOptions,
  target: (example: number, step: number) => number,
): PackedTokens => {
  const rows = assignRows(sizes, length);
  const tokens = rows.length * length;
  const ids = new Int32Array(tokens).fill(options.padId);
  const segments = new Int32Array(tokens).fill(-1);
  const positions = new Int32Array(tokens);
  const stepIds = new Int32Array(tokens).fill(-1);
  const behavior = hasBehavior(examples, options) ? new Float32Array(tokens) : undefined;
  rows.forEach((members, row) => {
    let start = row * length;
    members.forEach((member, segment) => {
      const source = examples[member]!;
      const end = start + sizes[member]!;
      ids.set(source.ids, start);
      segments.fill(segment, start, end);
      for (let at = start; at < end; at++) {
        positions[at] = at - start;
        const step = stepOf(source, at - start);
        if (step >= 0) stepIds[at] = target(member, step);
      }
      if (behavior) setBehavior(behavior, start, source);
      start = end;
    });
  });
  return {
    ids: grid(ids, rows.length),
    segments: grid(segments, rows.length),
    positions: grid(positions, rows.length),
    stepIds: grid(stepIds, rows.length),
    ...(behavior && { behaviorLogps: grid(behavior, rows.length) }),
    lengths: rows.map((members) => members.reduce((sum, member) => sum + sizes[member]!, 0)),
  };
};
