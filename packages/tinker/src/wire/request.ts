import type { Asked, Connection, Reply } from './connection.ts';
import { detailOf, isRecord } from './detail.ts';
import { ProtocolError, TinkerHttpError } from './errors.ts';
import { wait } from './wait.ts';

/** A request that may be sent again as it is: the same path, the same body, the same `seq_id` in it. */
export interface Submit {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: NonNullable<Asked['body']>;
  readonly signal: AbortSignal;
  /** Whether to send it again when its reply was lost, so that the server may have taken it. */
  readonly repeatable: boolean;
  /** Whether the reply is bytes, not JSON. */
  readonly raw?: boolean;
}

/** What came of it, and whether an earlier try may have reached the server without our hearing of it. */
export interface Submitted {
  readonly reply: Reply;
  readonly value: unknown;
  readonly repeated: boolean;
}

/** A request whose reply was lost and which must not be sent again. */
export class ReplyLost extends Error {
  readonly lost: TinkerHttpError;
  constructor(lost: TinkerHttpError) {
    super(lost.message);
    this.lost = lost;
  }
}

/** A refusal (4xx) and whether it answers a try that may have come after one the server took. */
export class Refused extends Error {
  readonly refusal: TinkerHttpError;
  readonly repeated: boolean;
  constructor(refusal: TinkerHttpError, repeated: boolean) {
    super(refusal.message);
    this.refusal = refusal;
    this.repeated = repeated;
  }
}

/** Statuses that say "not now", of which nothing was done. */
const notNow = new Set([402, 425, 429]);
/** Statuses after which the server may have taken the request. */
const unclear = new Set([408, 500, 502, 503, 504]);

/**
 * Sends a request until it is answered. Throws {@link Refused} for a status that repeating won't mend, {@link ReplyLost} where it
 * may have been taken and must not be repeated, and TinkerHttpError once `retryMs` are over.
 */
export async function submit(wire: Connection, asked: Submit): Promise<Submitted> {
  const { method = 'POST', path, body, signal, repeatable, raw = false } = asked;
  const { timeoutMs, retryMs, firstWaitMs } = wire.waits;
  const end = performance.now() + retryMs;
  let repeated = false;
  for (let attempt = 0; ; attempt++) {
    let failure: TinkerHttpError;
    let asks: number | undefined;
    try {
      const reply = await wire.send({ method, path, ...(body && { body }), signal, timeoutMs });
      if (reply.status >= 200 && reply.status < 400)
        return { reply, value: raw ? undefined : jsonOf(path, reply), repeated };
      failure = new TinkerHttpError(path, reply.status, detailOf(looseJson(reply), wire.redact));
      asks = reply.retryAfterMs;
    } catch (error) {
      if (!(error instanceof TinkerHttpError)) throw error;
      failure = error;
    }
    const perhapsTaken = failure.status === 0 || unclear.has(failure.status);
    if (!perhapsTaken && !notNow.has(failure.status)) throw new Refused(failure, repeated);
    repeated ||= perhapsTaken;
    if (perhapsTaken && !repeatable) throw new ReplyLost(failure);
    const pause = Math.max(asks ?? 0, Math.min(30_000, firstWaitMs * 2 ** attempt));
    if (performance.now() + pause > end) throw repeated ? new ReplyLost(failure) : new Refused(failure, false);
    await wait(pause, signal);
  }
}

/** {@link submit} for who needs no more than the value: what repeats harmlessly, and whose refusal is final. */
export async function ask(wire: Connection, asked: Omit<Submit, 'repeatable'>): Promise<unknown> {
  try {
    return (await submit(wire, { ...asked, repeatable: true })).value;
  } catch (error) {
    throw plain(error);
  }
}

/** The public error that {@link submit}'s stand for. */
export function plain(error: unknown): unknown {
  if (error instanceof Refused) return error.refusal;
  return error instanceof ReplyLost ? error.lost : error;
}

/** A reply's JSON; `undefined` for no body. */
export function jsonOf(path: string, reply: Reply): unknown {
  if (reply.bytes.byteLength === 0 || reply.status >= 300) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(reply.bytes));
  } catch {
    throw new ProtocolError(path, 'it is no JSON');
  }
}

/** A refusal's JSON, or its text. */
export function looseJson(reply: Reply): unknown {
  const text = new TextDecoder().decode(reply.bytes.subarray(0, 2 ** 16));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A field that must be a text. */
export function textField(path: string, value: unknown, field: string): string {
  const found = isRecord(value) ? value[field] : undefined;
  if (typeof found === 'string' && found !== '') return found;
  throw new ProtocolError(path, `${field} must be a text, got ${found === null ? 'null' : typeof found}`);
}
