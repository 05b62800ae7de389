/**
 * Passes as the official SDK (0.25 and later) writes them, `tinker_public.ForwardBackwardRequest`; field numbers are those of
 * its `tinker_public_pb2`.
 */
import { bytesOf, dtypes, int64Bytes, type MessageWriter, message, protobufType } from '../wire/protobuf.ts';
import type { Format } from './format.ts';

export const protobuf: Format = {
  name: 'protobuf',
  accept: protobufType,
  // One message for both; the field `forward_only` tells them apart.
  path: () => 'forward_backward',
  size: (targets, inputs) => 64 + targets * 12 + Object.keys(inputs).length * (64 + targets * 4),
  body: (kind, model, { lossFn, config = {}, rows, inputs }) => {
    return (seqId) => {
      const out = message().text(1, model).integer(2, seqId);
      for (const [i, row] of rows.entries())
        out.within(3, (datum) => {
          const targets = row.length - 1;
          datum.within(1, (chunk) => chunk.within(1, (text) => text.bytes(1, bytesOf(row.subarray(0, targets)))));
          tensor(datum, 'target_tokens', int64Bytes(row.subarray(1)), dtypes.int64, targets);
          for (const [name, values] of Object.entries(inputs[i]!))
            tensor(datum, name, bytesOf(values), dtypes.float32, values.length);
        });
      out.text(4, lossFn);
      // As the SDK does: the first for servers that are older than the second.
      for (const [name, value] of Object.entries(config))
        out
          .within(5, (entry) => entry.text(1, name).double(2, value))
          .within(7, (entry) => entry.text(1, name).within(2, (number) => number.double(1, value)));
      return { bytes: out.integer(6, kind === 'forward' ? 1 : 0).done(), type: protobufType };
    };
  },
};

/** An entry of `loss_fn_inputs`: a dense `Tensor` of one axis. */
const tensor = (datum: MessageWriter, name: string, dense: Uint8Array, dtype: number, length: number): void => {
  datum.within(2, (entry) =>
    entry.text(1, name).within(2, (value) => value.bytes(1, dense).integer(3, dtype).packed(4, [length])),
  );
};
