import { EventEmitter } from 'node:events';
import type { QueueEvents } from 'bullmq';
import { happened } from '../wait.ts';

/** How often all that is pending is looked at again, should an event have been missed, in milliseconds. */
const LOOK_AGAIN = 15_000;

/**
 * Ids worth a look: first all that are pending, then each as Redis announces it. The listeners are there before the first
 * look, so nothing falls between. Ends when `pending`, which the caller empties, is empty.
 */
export async function* arrivals(
  events: QueueEvents,
  pending: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  const found: string[] = [];
  const inbox = new EventEmitter();
  const arrived = ({ jobId }: { readonly jobId: string }): void => {
    found.push(jobId);
    inbox.emit('arrival');
  };
  events.on('completed', arrived);
  events.on('failed', arrived);
  const again = setInterval(() => {
    found.push(...pending);
    inbox.emit('arrival');
  }, LOOK_AGAIN);
  try {
    found.push(...pending);
    while (pending.size > 0) {
      signal?.throwIfAborted();
      const id = found.shift();
      if (id === undefined) await happened(inbox, 'arrival', signal);
      else if (pending.has(id)) yield id;
    }
  } finally {
    clearInterval(again);
    events.off('completed', arrived);
    events.off('failed', arrived);
  }
}
