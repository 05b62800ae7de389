/** The two passes of an update: forward alone, and backward with a step. */

import { zstdBody } from '../wire/bytes/zstd.ts';
import type { Body } from '../wire/connection.ts';
import type { Paper } from '../wire/paper.ts';
import { readingOf } from '../wire/reading-of.ts';
import type { Order, Requests, Taken } from '../wire/requests.ts';
import { type ChunkLimits, cuts } from './chunks.ts';
import { type Encoded, encode, encodeForward, type Reduction } from './encoding.ts';
import type { Format, PassKind } from './format.ts';
import { logpsOf, metricsOf } from './outputs.ts';
import { passResultOf } from './pass-result.ts';

/** How requests are written, and how large they may be. */
export interface Wording {
  readonly format: Format;
  readonly limits: ChunkLimits;
  /** Whether protobuf is sent compressed. */
  readonly zstd: boolean;
  /** Memory for bodies, one after another. */
  readonly paper: Paper;
}

interface Pass extends Wording {
  readonly requests: Requests;
  readonly id: string;
  readonly rows: readonly Int32Array[];
  readonly signal: AbortSignal;
}

/** A pass's requests, and how many targets each of their rows has. */
export function passOrders(
  kind: PassKind,
  { format, limits, zstd, paper, id, signal }: Omit<Pass, 'rows' | 'requests'>,
  encoded: Encoded,
): readonly { readonly order: Order; readonly lengths: readonly number[] }[] {
  const lengths = encoded.rows.map(({ length }) => length - 1);
  const sizes = lengths.map((targets, row) => format.size(targets, encoded.inputs[row]!));
  const reading = readingOf(format.accept, passResultOf);
  return cuts(sizes, limits).map(([from, to]) => {
    const part = { ...encoded, rows: encoded.rows.slice(from, to), inputs: encoded.inputs.slice(from, to) };
    const written = format.body(kind, id, part);
    const body = (seqId: number): Body | Promise<Body> => {
      const plain = written(seqId, paper);
      return zstd && format.name === 'protobuf' ? zstdBody(plain) : plain;
    };
    return { order: { path: format.path(kind), body, signal, reading }, lengths: lengths.slice(from, to) };
  });
}

/** log p of each row's predicted tokens. All chunks run at once; their submissions queue behind one another. */
export async function forward(pass: Pass): Promise<Float32Array[]> {
  const orders = passOrders('forward', pass, encodeForward(pass.rows));
  const parts = await Promise.all(
    orders.map(async ({ order, lengths }) => logpsOf('forward', await pass.requests.read(order), lengths)),
  );
  return parts.flat();
}

/**
 * Gradient and step. The step is sent when every chunk's gradient is known to be there; after any doubt about one, never: the
 * server would step with what it has.
 */
export async function update(
  pass: Pass & {
    readonly reduction: Reduction;
    readonly gradients: readonly Float32Array[];
    readonly adam: Readonly<Record<string, number>>;
  },
): Promise<Record<string, number>> {
  const { requests, id, signal, adam } = pass;
  const path = 'forward_backward';
  let accepted = 0;
  try {
    const results: Promise<unknown>[] = [];
    const { rows, gradients } = moved(pass);
    for (const { order, lengths } of passOrders(path, pass, encode(pass.reduction, rows, gradients))) {
      const taken = await requests.change(order);
      accepted += 1;
      const result = taken.result().then((value) => logpsOf(path, value, lengths));
      result.catch(() => undefined);
      results.push(result);
    }
    await Promise.all(results);
    const taken: Taken = await requests.change(stepOrder(id, adam, signal));
    return metricsOf(await taken.result());
  } catch (error) {
    // A gradient the server holds would be part of the next update.
    if (accepted > 0) requests.doubt(error);
    throw error;
  }
}

/** The rows that have a gradient, or the first where none has: an update of nothing is one too. */
function moved({
  rows,
  gradients,
}: {
  readonly rows: readonly Int32Array[];
  readonly gradients: readonly Float32Array[];
}) {
  const there = rows.flatMap((_, row) => (gradients[row]!.some((g) => g !== 0) ? [row] : []));
  const kept = there.length === 0 ? [0] : there;
  return { rows: kept.map((row) => rows[row]!), gradients: kept.map((row) => gradients[row]!) };
}

/** One AdamW update with whatever gradient is there. */
export const stepOrder = (id: string, adam: Readonly<Record<string, number>>, signal: AbortSignal): Order => ({
  path: 'optim_step',
  body: (seqId) => ({ model_id: id, seq_id: seqId, adam_params: adam }),
  signal,
});
