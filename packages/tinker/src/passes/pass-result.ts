/** A `tinker_public.ForwardBackwardOutput` in the shape of its JSON. */
import { bfloat16sOf, dtypes, entriesOf, float32sOf, int64sOf, type Message, messageOf } from '../wire/protobuf.ts';

/** One row's arrays by their names. */
type Output = Record<string, { readonly data: Float32Array }>;

/** @throws RangeError for bytes that are no such message */
export function passResultOf(bytes: Uint8Array): object {
  const result = messageOf(bytes);
  const metrics = [...entriesOf(result, 3)].map(([name, pair]) => [name, pair.number(2)] as const);
  return { loss_fn_outputs: result.parts(2).flatMap(rowsOf), metrics: Object.fromEntries(metrics) };
}

/** The rows of one record: a server may send several, one behind the other. */
function rowsOf(bytes: Uint8Array): Output[] {
  const record = messageOf(bytes);
  const count = record.number(3);
  const fields = [...entriesOf(record, 2)].map(([name, pair]) => {
    const batched = messageOf(pair.parts(2).at(-1) ?? new Uint8Array());
    return [name, slices(batched, count)] as const;
  });
  if (fields.length === 0 && count > 0) throw new RangeError(`${count} rows without a field`);
  return Array.from({ length: fields.length === 0 ? 0 : count }, (_, row) =>
    Object.fromEntries(fields.map(([name, rows]) => [name, { data: rows[row]! }])),
  );
}

/** A `BatchedTensor`'s rows: offsets are bytes, one more than there are rows. */
function slices(batched: Message, count: number): Float32Array[] {
  const data = batched.parts(1).at(-1) ?? new Uint8Array();
  const offsets = int64sOf(batched.parts(2).at(-1) ?? new Uint8Array());
  if (offsets.length !== count + 1) throw new RangeError(`${offsets.length} offsets for ${count} rows`);
  const read = readerOf(batched.number(3));
  return offsets.slice(1).map((end, row) => {
    const start = offsets[row]!;
    if (start < 0 || end < start || end > data.length) throw new RangeError('an offset is out of range');
    return read(data.subarray(start, end));
  });
}

function readerOf(dtype: number): (bytes: Uint8Array) => Float32Array {
  if (dtype === dtypes.float32) return float32sOf;
  if (dtype === dtypes.bfloat16) return bfloat16sOf;
  // Whole numbers are no log-probs; a field of them is passed over as nothing.
  if (dtype === dtypes.int64 || dtype === dtypes.int32) return () => new Float32Array();
  throw new RangeError(`no dtype ${dtype}`);
}
