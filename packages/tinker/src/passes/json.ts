/** Passes as JSON, which every server takes. */
import { jsonBytes } from '../wire/bytes/numbers-out.ts';
import type { Format } from './format.ts';

/** Beside a datum's numbers. */
const names = 128;

export const json: Format = {
  name: 'json',
  accept: 'application/json',
  path: (kind) => kind,
  // Ids of six digits, numbers of nine with their exponent.
  size: (targets, inputs) => names + targets * 14 + Object.keys(inputs).length * (names + targets * 14),
  body: (kind, model, { lossFn, config, rows, inputs }) => {
    const head = `{"model_id":${JSON.stringify(model)},"seq_id":`;
    const rest = JSON.stringify({ loss_fn: lossFn, ...(config && { loss_fn_config: config }) }).slice(1);
    return (seqId, paper) => {
      const room = rows.reduce((sum, { length }, row) => sum + json.size(length - 1, inputs[row]!), 256);
      const out = jsonBytes(paper.sheet(room)).text(`${head}${seqId},"${kind}_input":{"data":[`);
      for (const [i, row] of rows.entries()) {
        const targets = row.length - 1;
        out
          .text(`${i > 0 ? ',' : ''}{"model_input":{"chunks":[{"type":"encoded_text","tokens":[`)
          .integers(row, 0, targets)
          .text(']}]},"loss_fn_inputs":{"target_tokens":{"data":[')
          .integers(row, 1, row.length)
          .text(`],"dtype":"int64","shape":[${targets}]}`);
        for (const [name, values] of Object.entries(inputs[i]!))
          out.text(`,"${name}":{"data":[`).floats(values).text(`],"dtype":"float32","shape":[${values.length}]}`);
        out.text('}}');
      }
      return { bytes: out.text(`],${rest}}`).done(), type: 'application/json' };
    };
  },
};
