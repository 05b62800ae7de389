/** Which hidden rows predict a token that counts: the host-side index arithmetic behind `tokenLogps({ scored })`. */
import type { Tensor } from '@svo/tensor';

/** `[B, T]`, entry ≥ 0 where the token is scored, e.g. a batch's `stepIds`: as a tensor or as uploaded from. */
export type ScoredTokens = Tensor | { readonly data: ArrayLike<number>; readonly shape: readonly number[] };

/** Index lists, for n scored tokens. */
export interface ScoredRows {
  /** `[n]`: row b·T + t − 1, whose hidden state predicts the token. */
  readonly rows: Int32Array;
  /** `[n]`: row b·T + t, the token itself. */
  readonly targets: Int32Array;
  /** `[B·T]`: 1 + the token's index in the lists above, 0 where it isn't scored. */
  readonly places: Int32Array;
}

const entries = (scored: ScoredTokens): ArrayLike<number> => ('dataSync' in scored ? scored.dataSync() : scored.data);

/**
 * The rows to compute. Tokens at t = 0 have nothing before them and are never scored.
 * @throws RangeError when `scored` has another shape than ids
 */
export const scoredRows = ([batch, length]: readonly [number, number], scored?: ScoredTokens): ScoredRows => {
  if (scored && (scored.shape.length !== 2 || scored.shape[0] !== batch || scored.shape[1] !== length))
    throw new RangeError(`tokenLogps: scored must have the shape of ids [${batch}, ${length}], got [${scored.shape}]`);
  const marks = scored && entries(scored);
  const places = new Int32Array(batch * length);
  const targets = new Int32Array(batch * length);
  let count = 0;
  for (let row = 0; row < places.length; row++) {
    if (row % length === 0 || (marks && marks[row] < 0)) continue;
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
export const stepEndRows = (
  [batch, length]: readonly [number, number],
  stepIds: ScoredTokens,
  steps: number,
): StepEnds => {
  if (stepIds.shape.length !== 2 || stepIds.shape[0] !== batch || stepIds.shape[1] !== length)
    throw new RangeError(`values: stepIds must have the shape of ids [${batch}, ${length}], got [${stepIds.shape}]`);
  const marks = entries(stepIds);
  const last = new Int32Array(batch * steps).fill(-1);
  for (let row = 0; row < batch * length; row++) {
    if (marks[row] < 0) continue;
    if (marks[row] >= steps) throw new RangeError(`values: stepIds must be below steps = ${steps}, got ${marks[row]}`);
    last[Math.floor(row / length) * steps + marks[row]] = row;
  }
  const rows = last.filter((row) => row >= 0);
  let count = 0;
  return { rows, places: last.map((row) => (row < 0 ? 0 : ++count)) };
};
