/** Rows of token ids, checked. */

/** A text as token ids, the whole of it: the first is read, every later one is read and predicted. */
export type TokenRow = readonly number[] | Int32Array;

/**
 * A caller's rows, copied into one piece of memory. Refused is what a server would take and answer wrongly or never: no rows at all, a row that predicts nothing,
 * ids that are none.
 * @throws RangeError naming the row
 */
export function checkedRows(caller: string, data: readonly TokenRow[]): readonly Int32Array[] {
  if (data.length === 0) throw new RangeError(`${caller}: data must hold at least one row, got none`);
  const all = new Int32Array(data.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  return data.map((tokens, row) => {
    if (tokens.length < 2)
      throw new RangeError(
        `${caller}: data[${row}] must hold at least two tokens (the first is only read), got ${tokens.length}`,
      );
    const ids = all.subarray(from, from + tokens.length);
    for (let t = 0; t < ids.length; t++) {
      const id = tokens[t]!;
      ids[t] = id;
      if (ids[t] !== id || id < 0) throw new RangeError(`${caller}: data[${row}] must hold token ids, got ${id}`);
    }
    from += tokens.length;
    return ids;
  });
}
