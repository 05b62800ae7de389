import { assertOptions } from '@svo/mdp';
import { type Job, Queue, QueueEvents, UnrecoverableError, Worker } from 'bullmq';
import type { SearchJob } from '../job.ts';
import {
  type Answer,
  checkedRetries,
  compared,
  isDefect,
  type RetryPolicy,
  requireCount,
  type SearchQueue,
  unknownJob,
} from '../queue.ts';
import { arrivals } from './redis-arrivals.ts';
import { connected } from './redis-connection.ts';

/** Which Redis, and how patient to be. */
export interface RedisQueueOptions extends RetryPolicy {
  /** `redis://user:password@host:port/db`, `rediss://…`, or the path of a Unix socket. */
  readonly url: string;
  /** Queues of different names on one Redis know nothing of each other: `search`. */
  readonly name?: string;
  /** How long a worker may be silent before its jobs go to another, in milliseconds: 30,000. */
  readonly lockMs?: number;
}

/** How often a job may lose its worker before it counts as failed: a search that takes the whole process down is not tried forever. */
const MOST_LOST_WORKERS = 5;
/** Jobs written to Redis in one round trip. */
const BULK = 500;

/**
 * A queue on Redis, by BullMQ, for any number of processes on any machines add, work and read. Results lie in a Redis hash beside
 * the queue, a job's first result and no other; so a worker may die at any moment, and a job delivered twice does no harm.
 *
 * The Redis should keep what it is given: append-only file on, `maxmemory-policy noeviction`.
 *
 * @param options `name` 'search', `attempts` 3, `backoffMs` 1000, `lockMs` 30,000
 * @throws RangeError for a setting out of range or unknown; Error, without the password, where no Redis answers
 * @example
 * ```ts
 * import { redisSearchQueue } from '@svo/queue';
 * const failed = await redisSearchQueue({ url: 'redis://:secret@127.0.0.1:1' }).catch((error) => error.message);
 * failed.includes('secret'); // => false
 * ```
 */
export async function redisSearchQueue(options: RedisQueueOptions): Promise<SearchQueue> {
  assertOptions('redisSearchQueue', options, ['url', 'name', 'lockMs', 'attempts', 'backoffMs']);
  const { url, name = 'search', lockMs = 30_000 } = options;
  const { attempts, backoffMs } = checkedRetries('redisSearchQueue', options);
  requireCount('redisSearchQueue', 'lockMs', lockMs, 1);
  if (!/^[\w.-]+$/.test(name)) {
    throw new RangeError(
      `redisSearchQueue: name must be letters, digits, '.', '_' or '-', got ${JSON.stringify(name)}`,
    );
  }
  const redis = await connected('redisSearchQueue', url);
  const shared = { connection: redis, prefix: 'svo' };
  const queue = new Queue<SearchJob>(name, shared);
  queue.on('error', warn);
  const trees = `svo:${name}:trees`;

  const add = async (jobs: ReadonlyMap<string, SearchJob>): Promise<void> => {
    const entries = [...jobs];
    for (let at = 0; at < entries.length; at += BULK) {
      const bulk = entries.slice(at, at + BULK);
      const known = await redis.pipeline(bulk.map(([id]) => ['hexists', trees, id])).exec();
      const wanted = bulk.filter((_, index) => known?.[index]?.[1] !== 1);
      const before = await Promise.all(wanted.map(([id]) => queue.getJob(id)));
      await Promise.all(before.map(async (job) => (await job?.isFailed()) && job?.remove()));
      await queue.addBulk(
        wanted.map(([id, job]) => ({
          name: 'search',
          data: job,
          opts: { jobId: id, attempts, backoff: { type: 'exponential', delay: backoffMs }, removeOnComplete: true },
        })),
      );
    }
  };

  const work: SearchQueue['work'] = async (handle, { concurrency, signal }) => {
    if (signal?.aborted) return;
    const worker = new Worker(name, (job: Job) => withoutRetries(handle(job.id!, job.data)), {
      ...shared,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: MOST_LOST_WORKERS,
    });
    worker.on('error', warn);
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    await worker.close();
  };

  const keep: SearchQueue['keep'] = async (id, bytes) => {
    const first = await redis.hsetnx(trees, id, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (first === 1) return 'first';
    const kept = await redis.hgetBuffer(trees, id);
    return kept === null ? keep(id, bytes) : compared(kept, bytes);
  };

  /** A job's answer, if it has one by now. */
  const look = async (id: string): Promise<Answer | undefined> => {
    const job = await queue.getJob(id);
    // Asked in this order: a job is taken from the queue only after its tree is kept.
    const kept = await redis.hgetBuffer(trees, id);
    if (kept !== null) return { id, bytes: new Uint8Array(kept) };
    if (job === undefined) throw unknownJob(id);
    return (await job.isFailed()) ? { id, failure: job.failedReason } : undefined;
  };

  async function* answers(ids: readonly string[], signal?: AbortSignal): AsyncGenerator<Answer, void, void> {
    const pending = new Set(ids);
    const events = new QueueEvents(name, shared);
    events.on('error', warn);
    try {
      await events.waitUntilReady();
      for await (const id of arrivals(events, pending, signal)) {
        const answer = await look(id);
        if (answer === undefined) continue;
        pending.delete(id);
        yield answer;
      }
    } finally {
      await events.close();
    }
  }

  const forget = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      await redis.hdel(trees, id);
      const job = await queue.getJob(id);
      if (await job?.isFailed()) await job?.remove();
    }
  };

  const close = async (): Promise<void> => {
    await queue.close();
    await redis.quit();
  };

  return { name, add, work, keep, answers, forget, close };
}

/** BullMQ's word for an error that no further attempt would mend. */
const withoutRetries = async (work: Promise<void>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    throw isDefect(error) ? new UnrecoverableError((error as Error).message) : error;
  }
};

const warn = (error: Error): void => process.emitWarning(`@svo/queue: ${error.message}`);
