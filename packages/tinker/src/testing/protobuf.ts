/** The server's side of protobuf: requests in, the three kinds of results out. */
import { entriesOf, float32sOf, int32sOf, int64sOf, type Message, messageOf } from '../wire/bytes/protobuf.ts';
import { message } from '../wire/bytes/protobuf-writer.ts';

/** A `ForwardBackwardRequest` as the JSON body it stands for, and the path that JSON goes to. */
export function passFromProtobuf(bytes: Uint8Array): { path: string; body: Record<string, unknown> } {
  const request = messageOf(bytes);
  const kind = request.number(6) === 1 ? 'forward' : 'forward_backward';
  const config = [...entriesOf(request, 5)].map(([name, pair]) => [name, pair.number(2)] as const);
  return {
    path: kind,
    body: {
      model_id: request.text(1),
      seq_id: request.number(2),
      [`${kind}_input`]: {
        data: request.parts(3).map((part) => datumOf(messageOf(part))),
        loss_fn: request.text(4),
        ...(config.length > 0 && { loss_fn_config: Object.fromEntries(config) }),
      },
    },
  };
}

function datumOf(datum: Message): object {
  const chunks = datum.parts(1).map((part) => {
    const [text] = messageOf(part).parts(1);
    return { type: 'encoded_text', tokens: Array.from(int32sOf(messageOf(text!).parts(1)[0]!)) };
  });
  const inputs = [...entriesOf(datum, 2)].map(([name, pair]) => {
    const tensor = messageOf(pair.parts(2)[0]!);
    const dense = tensor.parts(1)[0] ?? new Uint8Array();
    const isFloat = tensor.number(3) === 1;
    const data = isFloat ? Array.from(float32sOf(dense)) : int64sOf(dense);
    return [name, { data, dtype: isFloat ? 'float32' : 'int64', shape: [data.length] }] as const;
  });
  return { model_input: { chunks }, loss_fn_inputs: Object.fromEntries(inputs) };
}

interface PassResult {
  readonly loss_fn_output_type: string;
  readonly loss_fn_outputs: readonly Readonly<Record<string, { readonly data: readonly number[] }>>[];
  readonly metrics: Readonly<Record<string, number>>;
}

interface SampleResult {
  readonly sequences: readonly {
    readonly tokens: readonly number[];
    readonly logprobs: readonly number[];
    readonly stop_reason: string;
  }[];
  readonly prompt_logprobs?: readonly number[];
}

/** A result's bytes; undefined for results that are JSON whatever is asked for. */
export function resultToProtobuf(path: string, result: object): Uint8Array | undefined {
  if (path === 'forward' || path === 'forward_backward') return passResult(result as PassResult);
  return path === 'asample' ? sampleResult(result as SampleResult) : undefined;
}

function passResult({ loss_fn_output_type: type, loss_fn_outputs: rows, metrics }: PassResult): Uint8Array {
  // From the last field to the first.
  const out = message();
  for (const [name, value] of Object.entries(metrics).reverse())
    out.within(3, (entry) => entry.double(2, value).text(1, name));
  out.within(2, (record) => {
    record.integer(3, rows.length);
    for (const name of Object.keys(rows[0] ?? {}).reverse()) {
      const own = rows.map((row) => row[name]!.data);
      const offsets = [0];
      for (const { length } of own) offsets.push(offsets.at(-1)! + 4 * length);
      record.within(2, (entry) =>
        entry
          .within(2, (batched) => batched.integer(3, 1).int64s(2, offsets).array(1, Float32Array.from(own.flat())))
          .text(1, name),
      );
    }
    record.text(1, type);
  });
  return out.text(1, type).done();
}

function sampleResult({ sequences, prompt_logprobs: prompt }: SampleResult): Uint8Array {
  const out = message();
  // One a prompt token, and none for the first.
  if (prompt) out.array(2, Float32Array.of(Number.NaN, ...prompt));
  for (const { tokens, logprobs, stop_reason: reason } of [...sequences].reverse())
    out.within(1, (sequence) =>
      sequence
        .array(3, Float32Array.from(logprobs))
        .array(2, Int32Array.from(tokens))
        .integer(1, reason === 'length' ? 1 : 0),
    );
  return out.done();
}
