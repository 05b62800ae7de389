/**
 * Passes as the official SDK (0.25 and later) writes them, `tinker_public.ForwardBackwardRequest`; field numbers are those of
 * its `tinker_public_pb2`.
 */
import { dtypes, protobufType } from '../wire/bytes/protobuf.ts';
import { type MessageWriter, message } from '../wire/bytes/protobuf-writer.ts';
import type { Format } from './format.ts';

export const protobuf: Format = {
  name: 'protobuf',
  accept: protobufType,
  // One message for both; the field `forward_only` tells them apart.
  path: () => 'forward_backward',
  size: (targets, inputs) => 64 + targets * 12 + Object.keys(inputs).length * (64 + targets * 4),
  body: (kind, model, { lossFn, config = {}, rows, inputs }) => {
    return (seqId, paper) => {
      const room = rows.reduce((sum, { length }, row) => sum + protobuf.size(length - 1, inputs[row]!), 1024);
      // From the last field to the first.
      const out = message(paper.sheet(room)).integer(6, kind === 'forward' ? 1 : 0);
      // As the SDK does: the first for servers that are older than the second.
      for (const [name, value] of Object.entries(config).reverse())
        out
          .within(7, (entry) => entry.within(2, (number) => number.double(1, value)).text(1, name))
          .within(5, (entry) => entry.double(2, value).text(1, name));
      out.text(4, lossFn);
      for (let i = rows.length - 1; i >= 0; i--) {
        const row = rows[i]!;
        const targets = row.length - 1;
        out.within(3, (datum) => {
          for (const [name, values] of Object.entries(inputs[i]!).reverse())
            tensor(datum, name, dtypes.float32, values.length, (value) => value.array(1, values));
          tensor(datum, 'target_tokens', dtypes.int64, targets, (value) => value.int64s(1, row.subarray(1)));
          datum.within(1, (chunk) => chunk.within(1, (text) => text.array(1, row.subarray(0, targets))));
        });
      }
      return { bytes: out.integer(2, seqId).text(1, model).done(), type: protobufType };
    };
  },
};

/** An entry of `loss_fn_inputs`: a dense `Tensor` of one axis. */
const tensor = (
  datum: MessageWriter,
  name: string,
  dtype: number,
  length: number,
  dense: (value: MessageWriter) => void,
): void => {
  datum.within(2, (entry) => {
    entry.within(2, (value) => dense(value.packed(4, [length]).integer(3, dtype))).text(1, name);
  });
};
