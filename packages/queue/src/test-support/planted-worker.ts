/** A worker process for tests: `node planted-worker.ts SOCKET QUEUE LOCK_MS`. Says when it takes a job; ends on SIGTERM. */
import { setTimeout as pause } from 'node:timers/promises';
import { redisSearchQueue } from '../redis/redis-queue.ts';
import { searchWorker } from '../search-worker.ts';
import { searchPlanted } from './planted-search.ts';

const [url = '', name = '', lockMs] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const queue = await redisSearchQueue({ url, name, lockMs: Number(lockMs) });
const report = await searchWorker(
  queue,
  async (job) => {
    process.stdout.write(`took ${job.question.id}\n`);
    await pause(30);
    return searchPlanted(job);
  },
  { concurrency: 3, signal: stop.signal },
);
process.stdout.write(`${JSON.stringify(report)}\n`);
await queue.close();
