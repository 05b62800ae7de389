/** Rows of token ids, as a server takes them. */

/** A text as token ids, the whole of it: the first is read, every later one is read and predicted. */
export type TokenRow = readonly number[] | Int32Array;

/** An array on the wire. */
interface WireTensor {
  readonly data: readonly number[];
  readonly dtype: 'int64' | 'float32';
  readonly shape: readonly [number];
}

/** One row's request, as JSON text: made once, measured, and put into a body as it is. */
export function datumText(tokens: TokenRow, inputs: Readonly<Record<string, ArrayLike<number>>>): string {
  const ids = Array.from(tokens);
  const targets: WireTensor = { data: ids.slice(1), dtype: 'int64', shape: [ids.length - 1] };
  return JSON.stringify({
    model_input: { chunks: [{ type: 'encoded_text', tokens: ids.slice(0, -1) }] },
    loss_fn_inputs: {
      target_tokens: targets,
      ...Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, floats(values)])),
    },
  });
}

function floats(values: ArrayLike<number>): WireTensor {
  return { data: Array.from(values), dtype: 'float32', shape: [values.length] };
}

/**
 * Refuses what a server would take and answer wrongly or never: no rows at all, a row that predicts nothing, ids that are none.
 * @throws RangeError naming the row
 */
export function checkRows(caller: string, rows: readonly TokenRow[]): void {
  if (rows.length === 0) throw new RangeError(`${caller}: data must hold at least one row, got none`);
  for (const [row, tokens] of rows.entries()) {
    if (tokens.length < 2)
      throw new RangeError(
        `${caller}: data[${row}] must hold at least two tokens (the first is only read), got ${tokens.length}`,
      );
    for (const id of tokens)
      if (!Number.isInteger(id) || id < 0 || id > 2 ** 31 - 1)
        throw new RangeError(`${caller}: data[${row}] must hold token ids, got ${id}`);
  }
}
