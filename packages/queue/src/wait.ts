import { type EventEmitter, once } from 'node:events';

/** Until `event` happens or the signal aborts, whichever is first. */
export async function happened(emitter: EventEmitter, event: string, signal: AbortSignal | undefined): Promise<void> {
  await once(emitter, event, signal === undefined ? {} : { signal }).catch((error) => {
    if (!signal?.aborted) throw error;
  });
}
