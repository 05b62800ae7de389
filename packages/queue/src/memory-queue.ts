import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { assertOptions } from '@svo/mdp';
import type { SearchJob } from './job.ts';
import {
  type Answer,
  checkedRetries,
  compared,
  isDefect,
  type RetryPolicy,
  type SearchQueue,
  unknownJob,
} from './queue.ts';
import { happened } from './wait.ts';

/**
 * A queue in this process: for one machine, and for trying a pipeline before there is a Redis. Nothing of it outlives the
 * process.
 *
 * @param options `attempts` 3 and `backoffMs` 1000: how often and after what pause a failing job is tried again
 * @throws RangeError for attempts below 1 or a negative pause
 * @example
 * ```ts
 * import { memorySearchQueue } from '@svo/queue';
 * memorySearchQueue().name; // => 'memory'
 * ```
 */
export function memorySearchQueue(options: RetryPolicy = {}): SearchQueue {
  assertOptions('memorySearchQueue', options, ['attempts', 'backoffMs']);
  const { attempts, backoffMs } = checkedRetries('memorySearchQueue', options);
  const jobs = new Map<string, SearchJob>();
  const waiting: string[] = [];
  const answers = new Map<string, Answer>();
  const changes = new EventEmitter().setMaxListeners(0);
  /** Something changed: everyone who waits looks again. */
  const changed = (): boolean => changes.emit('change');

  const add = async (more: ReadonlyMap<string, SearchJob>): Promise<void> => {
    for (const [id, job] of more) {
      const answer = answers.get(id);
      if (jobs.has(id) || (answer !== undefined && 'bytes' in answer)) continue;
      answers.delete(id);
      jobs.set(id, structuredClone(job));
      waiting.push(id);
    }
    changed();
  };

  const attempt = async (id: string, handle: (id: string, job: unknown) => Promise<void>): Promise<void> => {
    for (let attemptsMade = 1; ; attemptsMade++) {
      try {
        await handle(id, jobs.get(id));
        break;
      } catch (error) {
        if (attemptsMade === attempts || isDefect(error)) {
          answers.set(id, { id, failure: error instanceof Error ? error.message : String(error) });
          break;
        }
        await pause(backoffMs * 2 ** (attemptsMade - 1));
      }
    }
    jobs.delete(id);
    changed();
  };

  const work: SearchQueue['work'] = async (handle, { concurrency, signal }) => {
    const lane = async (): Promise<void> => {
      while (!signal?.aborted) {
        const id = waiting.shift();
        if (id === undefined) await happened(changes, 'change', signal);
        else await attempt(id, handle);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  };

  const keep: SearchQueue['keep'] = async (id, bytes) => {
    const kept = answers.get(id);
    if (kept !== undefined && 'bytes' in kept) return compared(kept.bytes, bytes);
    answers.set(id, { id, bytes });
    return 'first';
  };

  async function* answersOf(ids: readonly string[], signal?: AbortSignal): AsyncGenerator<Answer, void, void> {
    const pending = new Set(ids);
    while (pending.size > 0) {
      signal?.throwIfAborted();
      const lost = [...pending].find((id) => !jobs.has(id) && !answers.has(id));
      if (lost !== undefined) throw unknownJob(lost);
      const ready = [...pending].filter((id) => !jobs.has(id));
      if (ready.length === 0) await happened(changes, 'change', signal);
      for (const id of ready) {
        pending.delete(id);
        const answer = answers.get(id)!;
        // A tree is built over its bytes: every caller gets bytes of its own.
        yield 'bytes' in answer ? { id, bytes: answer.bytes.slice() } : answer;
      }
    }
  }

  const forget = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) answers.delete(id);
  };

  return { name: 'memory', add, work, keep, answers: answersOf, forget, close: async () => {} };
}
