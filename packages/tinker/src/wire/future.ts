import type { Connection, Reply } from './connection.ts';
import { categoryOf, detailOf, isRecord } from './detail.ts';
import { PromiseLost, ProtocolError, TinkerHttpError, TinkerRequestFailed } from './errors.ts';
import { looseJson } from './request.ts';
import { wait } from './wait.ts';

/** How a result is asked for and read. */
export interface Reading {
  readonly accept: string;
  /** Its bytes, in the shape of the protocol's JSON. Throws SyntaxError or RangeError for bytes that are none. */
  readonly read: (bytes: Uint8Array, type: string) => unknown;
}

/** JSON, whatever the server says. */
export const plainJson: Reading = {
  accept: 'application/json',
  read: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
};

/** How often a server may say that it broke (5xx) in a row before that is the answer. */
const mostBreaks = 5;

/** What one question after a result came to. */
type Polled =
  | { readonly is: 'done'; readonly value: unknown }
  | { readonly is: 'pending'; readonly whole?: boolean }
  | { readonly is: 'away'; readonly failure: TinkerHttpError; readonly asks?: number | undefined };

/**
 * Asks after a request's result until it is there. A server holds each question for a while and then says "not yet" in its
 * own way (408, `try_again`); each question has its own end too.
 * @param path of the request it is the result of, for messages
 * @throws TinkerRequestFailed when it was run and failed; PromiseLost when the server has it no more or has handed it out
 *   before; TinkerHttpError when the server can't be reached for `retryMs`, or gave nothing within `resultMs`
 */
export async function resultOf(
  wire: Connection,
  path: string,
  requestId: string,
  signal: AbortSignal,
  reading: Reading = plainJson,
): Promise<unknown> {
  const { pollMs, retryMs, firstWaitMs, resultMs } = wire.waits;
  const end = performance.now() + resultMs;
  let away = 0;
  let breaks = 0;
  let reachedAt = performance.now();
  let whole = false;
  for (;;) {
    const began = performance.now();
    if (began > end) throw new TinkerHttpError(path, 0, `no result within ${resultMs} ms`);
    const polled = await poll(wire, path, requestId, whole, pollMs, signal, reading);
    if (polled.is === 'done') return polled.value;
    const now = performance.now();
    if (polled.is === 'pending') {
      whole ||= polled.whole ?? false;
      away = 0;
      breaks = 0;
      reachedAt = now;
      // A server that doesn't hold the question must not be asked in a tight loop.
      if (now - began < firstWaitMs && !whole) await wait(firstWaitMs, signal);
      continue;
    }
    const { failure, asks } = polled;
    if (failure.status >= 500 && ++breaks >= mostBreaks) throw failure;
    if (now - reachedAt > retryMs && failure.status !== 402) throw failure;
    await wait(Math.max(asks ?? 0, Math.min(30_000, firstWaitMs * 2 ** away++)), signal);
  }
}

async function poll(
  wire: Connection,
  path: string,
  requestId: string,
  whole: boolean,
  timeoutMs: number,
  signal: AbortSignal,
  { accept, read }: Reading,
): Promise<Polled> {
  const body = { request_id: requestId, ...(whole && { allow_metadata_only: false }) };
  let reply: Reply;
  const began = performance.now();
  try {
    reply = await wire.send({ method: 'POST', path: 'retrieve_future', body, accept, signal, timeoutMs });
  } catch (error) {
    if (!(error instanceof TinkerHttpError)) throw error;
    // Held until our own end of the question: asked again at once.
    if (performance.now() - began >= timeoutMs) return { is: 'pending' };
    return { is: 'away', failure: error };
  }
  if (reply.status === 200) {
    let value: unknown;
    try {
      value = read(reply.bytes, reply.headers.get('content-type') ?? '');
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      throw new ProtocolError(path, `it can't be read${error instanceof RangeError ? `: ${error.message}` : ''}`);
    }
    return polledOf(path, value, wire.redact);
  }
  const detail = detailOf(looseJson(reply), wire.redact);
  switch (reply.status) {
    case 408:
      return { is: 'pending' };
    case 400:
      throw new TinkerRequestFailed(path, 'unknown', detail);
    case 404:
      throw new PromiseLost(path, 'the server does not know it');
    case 410:
      throw new PromiseLost(path, 'the server has dropped it');
    default: {
      const failure = new TinkerHttpError(path, reply.status, detail);
      if (reply.status < 500 && ![402, 425, 429].includes(reply.status)) throw failure;
      return { is: 'away', failure, asks: reply.retryAfterMs };
    }
  }
}

function polledOf(path: string, value: unknown, redact: (text: string) => string): Polled {
  if (!isRecord(value)) throw new ProtocolError(path, 'a result must be an object');
  if (value.type === 'try_again') return { is: 'pending' };
  if (value.status === 'complete_metadata') return { is: 'pending', whole: true };
  if (value.error === undefined || value.error === null) return { is: 'done', value };
  if (value.seen_before !== undefined && value.seen_before !== false)
    throw new PromiseLost(path, 'it was handed out before, in a reply that never came');
  throw new TinkerRequestFailed(path, categoryOf(value.category), detailOf(value, redact) || 'no reason given');
}
