/** Which hidden rows predict a token that counts: the host-side index arithmetic behind `scored`, `stepIds` and `segments`. */
import type { Tensor } from '@svo/tensor';

/** One number a token, `[B, T]`, e.g. a batch's `stepIds` or `segments`: as a tensor or as uploaded from. */
export type TokenMarks = Tensor | { readonly data: ArrayLike<number>; readonly shape: readonly number[] };

/** The numbers themselves, on the host. */
export const entries = (marks: TokenMarks): ArrayLike<number> => ('dataSync' in marks ? marks.dataSync() : marks.data);

type Size = readonly [batch: number, length: number];

const checkMarks = (where: string, [batch, length]: Size, marks: TokenMarks): void => {
  if (marks.shape.length !== 2 || marks.shape[0] !== batch || marks.shape[1] !== length)
    throw new RangeError(`${where} must have the shape of ids [${batch}, ${length}], got [${marks.shape}]`);
};

/**
 * Where in its row the example of each token begins, `[B·T]`: neighbours with the same number ≥ 0 are one example, and a
 * token of padding (< 0) is alone.
 * @throws RangeError when `segments` has another shape than ids
 */
export const segmentStarts = (size: Size, segments: TokenMarks): Int32Array => {
  checkMarks('segments', size, segments);
  const [, length] = size;
  const marks = entries(segments);
  const starts = new Int32Array(marks.length);
  for (let row = 0; row < marks.length; row++) {
    const at = row % length;
    starts[row] = at > 0 && marks[row]! >= 0 && marks[row] === marks[row - 1] ? starts[row - 1]! : at;
  }
  return starts;
};

/** Index lists, for n scored tokens. */
export interface ScoredRows {
  /** `[n]`: row b·T + t − 1, whose hidden state predicts the token. */
  readonly rows: Int32Array;
  /** `[n]`: row b·T + t, the token itself. */
  readonly targets: Int32Array;
  /** `[B·T]`: 1 + the token's index in the lists above, 0 where it isn't scored. */
  readonly places: Int32Array;
}

/**
 * The rows to compute. The first token of a row, and with `starts` of each of its examples, has nothing before it and is never
 * scored.
 * @throws RangeError when `scored` has another shape than ids
 */
export const scoredRows = ([batch, length]: Size, scored?: TokenMarks, starts?: Int32Array): ScoredRows => {
  if (scored) checkMarks('tokenLogps: scored', [batch, length], scored);
  const marks = scored && entries(scored);
  const places = new Int32Array(batch * length);
  const targets = new Int32Array(batch * length);
  let count = 0;
  for (let row = 0; row < places.length; row++) {
    if (row % length === (starts?.[row] ?? 0) || (marks && marks[row]! < 0)) continue;
    targets[count++] = row;
    places[row] = count;
  }
  return { rows: targets.slice(0, count).map((row) => row - 1), targets: targets.slice(0, count), places };
};

/** Index lists for values of steps: which rows to compute and where each of the B·S results goes. */
export interface StepEnds {
  /** `[n]`: row b·T + t of a step's last token. */
  readonly rows: Int32Array;
  /** `[B·S]`: 1 + index into rows, 0 where a row of the batch has no such step. */
  readonly places: Int32Array;
}

/**
 * The last token of every step.
 * @throws RangeError when stepIds has another shape than ids, or names a step ≥ `steps`
 */
export const stepEndRows = ([batch, length]: Size, stepIds: TokenMarks, steps: number): StepEnds => {
  checkMarks('values: stepIds', [batch, length], stepIds);
  const marks = entries(stepIds);
  const last = new Int32Array(batch * steps).fill(-1);
  for (let row = 0; row < batch * length; row++) {
    if (marks[row]! < 0) continue;
    if (marks[row]! >= steps) throw new RangeError(`values: stepIds must be below steps = ${steps}, got ${marks[row]}`);
    last[Math.floor(row / length) * steps + marks[row]!] = row;
  }
  const rows = last.filter((row) => row >= 0);
  let count = 0;
  return { rows, places: last.map((row) => (row < 0 ? 0 : ++count)) };
};
