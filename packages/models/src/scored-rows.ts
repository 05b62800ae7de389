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
