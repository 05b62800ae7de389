import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { SessionLost, TinkerHttpError } from '../wire/errors.ts';
import { ask, textField } from '../wire/request.ts';

/** A session that is kept alive until it is closed. */
export interface Session {
  readonly id: string;
  /** What the server had to say when it opened: news, warnings. */
  readonly messages: readonly string[];
  /** Aborts with SessionLost when the server knows the session no more, and when it is closed. */
  readonly life: AbortSignal;
  readonly close: () => void;
}

/** What a client says of itself. */
export const sdkVersion = '0.25.0';

/** Opens a session and begins its heartbeat. */
export async function openSession(
  wire: Connection,
  tags: readonly string[],
  everyMs: number,
  signal: AbortSignal,
): Promise<Session> {
  const body = { tags, sdk_version: sdkVersion, type: 'create_session' };
  const opened = await ask(wire, { path: 'create_session', body, signal });
  const id = textField('create_session', opened, 'session_id');
  const life = new AbortController();
  const timer = setInterval(() => void beat(wire, id, life), everyMs);
  // A heartbeat alone keeps no program alive.
  (timer as { unref?: () => void }).unref?.();
  const close = (): void => {
    clearInterval(timer);
    life.abort(new SessionLost('it was closed'));
  };
  life.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return { id, messages: messagesOf(opened, wire.redact), life: life.signal, close };
}

/** One heartbeat. That it did not get through is no loss yet: the next one may. */
async function beat(wire: Connection, id: string, life: AbortController): Promise<void> {
  try {
    const { timeoutMs } = wire.waits;
    const body = { session_id: id };
    const reply = await wire.send({ method: 'POST', path: 'session_heartbeat', body, signal: life.signal, timeoutMs });
    if (reply.status === 404 || reply.status === 410) life.abort(new SessionLost('the server does not know it'));
  } catch (error) {
    if (!(error instanceof TinkerHttpError) && !life.signal.aborted) life.abort(error);
  }
}

function messagesOf(opened: unknown, redact: (text: string) => string): string[] {
  if (!isRecord(opened)) return [];
  return ['info_message', 'warning_message', 'error_message'].flatMap((field) => {
    const message = opened[field];
    return typeof message === 'string' && message !== '' ? [redact(message).slice(0, 2000)] : [];
  });
}
