/** The two passes of an update: forward alone, and backward with a step. */
import { passBody } from './bodies.ts';
import { chunked } from './chunks.ts';
import type { TokenRow } from './datum.ts';
import { encode, encodeForward, type Reduction } from './encoding.ts';
import { logpsOf, metricsOf } from './outputs.ts';
import type { Requests, Taken } from './requests.ts';

interface Pass {
  readonly requests: Requests;
  readonly id: string;
  readonly rows: readonly TokenRow[];
  readonly signal: AbortSignal;
}

/** log p of each row's predicted tokens. */
export async function forward({ requests, id, rows, signal }: Pass): Promise<Float32Array[]> {
  const encoded = encodeForward(rows);
  const lengths = rows.map(({ length }) => length - 1);
  const parts = await inParts(chunked(encoded.data), async (chunk, from) => {
    const body = passBody(id, 'forward', encoded, chunk);
    const value = await requests.read({ path: 'forward', body, signal });
    return logpsOf('forward', value, lengths.slice(from, from + chunk.length));
  });
  return parts.flat();
}

/** Runs all chunks at once; their submissions queue behind one another. */
function inParts<T>(
  chunks: readonly (readonly string[])[],
  work: (chunk: readonly string[], from: number) => Promise<T>,
): Promise<T[]> {
  let from = 0;
  return Promise.all(
    chunks.map((chunk) => {
      const start = from;
      from += chunk.length;
      return work(chunk, start);
    }),
  );
}

/**
 * Gradient and step. The step is sent when every chunk's gradient is known to be there; after any doubt about one, never: the
 * server would step with what it has.
 */
export async function update({
  requests,
  id,
  rows,
  signal,
  reduction,
  gradients,
  adam,
}: Pass & {
  readonly reduction: Reduction;
  readonly gradients: readonly Float32Array[];
  readonly adam: Readonly<Record<string, number>>;
}): Promise<Record<string, number>> {
  const encoded = encode(reduction, rows, gradients);
  const lengths = rows.map(({ length }) => length - 1);
  const path = 'forward_backward';
  let accepted = 0;
  try {
    const results: Promise<unknown>[] = [];
    let from = 0;
    for (const chunk of chunked(encoded.data)) {
      const taken = await requests.change({ path, body: passBody(id, path, encoded, chunk), signal });
      accepted += 1;
      const wanted = lengths.slice(from, from + chunk.length);
      from += chunk.length;
      const result = taken.result().then((value) => logpsOf(path, value, wanted));
      result.catch(() => undefined);
      results.push(result);
    }
    await Promise.all(results);
    const taken: Taken = await requests.change({
      path: 'optim_step',
      body: (seqId) => ({ model_id: id, seq_id: seqId, adam_params: adam }),
      signal,
    });
    return metricsOf(await taken.result());
  } catch (error) {
    // A gradient the server holds would be part of the next update.
    if (accepted > 0) requests.doubt(error);
    throw error;
  }
}
