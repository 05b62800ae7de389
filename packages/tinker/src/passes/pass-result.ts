/** A `tinker_public.ForwardBackwardOutput` in the shape of its JSON. */
import {
  bfloat16sOf,
  dtypes,
  entriesOf,
  float32sOf,
  int64sOf,
  type Message,
  messageOf,
} from '../wire/bytes/protobuf.ts';

/** What of a row's arrays anybody reads. */
interface Output {
  readonly logprobs: { readonly data: Float32Array };
}

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
  const logprobs = entriesOf(record, 2).get('logprobs');
  if (!logprobs) {
    if (count > 0) throw new RangeError(`${count} rows without log-probs`);
    return [];
  }
  const batched = messageOf(logprobs.parts(2).at(-1) ?? new Uint8Array());
  return slices(batched, count).map((data) => ({ logprobs: { data } }));
}

/** A `BatchedTensor`'s rows: offsets are bytes, one more than there are rows. */
function slices(batched: Message, count: number): Float32Array[] {
  const data = batched.parts(1).at(-1) ?? new Uint8Array();
  const offsets = int64sOf(batched.parts(2).at(-1) ?? new Uint8Array());
  if (offsets.length !== count + 1) throw new RangeError(`${offsets.length} offsets for ${count} rows`);
  const { size, values } = valuesOf(batched.number(3), data);
  return offsets.slice(1).map((end, row) => {
    const start = offsets[row]!;
    if (start < 0 || end < start || end > data.length) throw new RangeError('an offset is out of range');
    if (start % size !== 0 || end % size !== 0) throw new RangeError('an offset lies within a number');
    return values.subarray(start / size, end / size);
  });
}

/** All rows' numbers, copied once, and how many bytes each has. */
function valuesOf(dtype: number, data: Uint8Array): { readonly size: number; readonly values: Float32Array } {
  if (dtype === dtypes.float32) return { size: 4, values: float32sOf(data) };
  if (dtype === dtypes.bfloat16) return { size: 2, values: bfloat16sOf(data) };
  throw new RangeError(`log-probs are no numbers of dtype ${dtype}`);
}
