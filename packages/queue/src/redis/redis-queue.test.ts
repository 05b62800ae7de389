import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { saveTree } from '@svo/mcts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enqueueSearch } from '../enqueue-search.ts';
import { results } from '../results.ts';
import { plantedJobs, searchPlanted } from '../test-support/planted-search.ts';
import { queueContract } from '../test-support/queue-contract.ts';
import { hasRedis, redisServer } from '../test-support/redis-server.ts';
import { redisSearchQueue } from './redis-queue.ts';

/** Long enough that a busy machine is no dead worker. */
const LOCK_MS = 3000;

/** A worker in a process of its own. One that ends unasked aborts `died`, so that nobody waits for what it would have done. */
interface Worker {
  readonly process: ChildProcess;
  readonly died: AbortSignal;
  /** Asks it to end, and waits until it has; what it said last. */
  readonly stop: () => Promise<string>;
}

function startWorker(url: string, name: string): Worker {
  const script = join(import.meta.dirname, '..', 'test-support', 'planted-worker.ts');
  const child = spawn(process.execPath, ['--conditions=@svo/source', script, url, name, String(LOCK_MS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const died = new AbortController();
  let [said, complaint] = ['', ''];
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    died.abort(new Error(`the worker ended by itself with ${signal ?? code}: ${complaint}`));
  });
  const stop = async (): Promise<string> => {
    child.kill('SIGTERM');
    await ended;
    return said.trim().split('\n').at(-1)!;
  };
  return { process: child, died: died.signal, stop };
}

describe.skipIf(!hasRedis)(`on Redis${hasRedis ? '' : ' (no redis-server on this machine)'}`, () => {
  let server: Awaited<ReturnType<typeof redisServer>>;
  beforeAll(async () => {
    server = await redisServer();
  });
  afterAll(() => server.stop());

  queueContract('on Redis', (options) => redisSearchQueue({ ...options, url: server.url, name: 'contract' }));

  test('kill -9 of a worker in the middle loses nothing: every job ends with the tree it would have had', async () => {
    const jobs = plantedJobs(24);
    const queue = await redisSearchQueue({ url: server.url, name: 'killed' });
    const ids = await enqueueSearch(queue, jobs);
    const first = startWorker(server.url, 'killed');
    await once(first.process.stdout!, 'data', { signal: first.died });
    const second = startWorker(server.url, 'killed');
    await once(first.process.stdout!, 'data', { signal: first.died });
    first.process.kill('SIGKILL');
    const seen = new Set<string>();
    for await (const { id, tree } of results(queue, ids, { signal: second.died })) {
      const alone = await searchPlanted(jobs[ids.indexOf(id)]!);
      expect(Buffer.compare(saveTree(tree!), saveTree(alone))).toBe(0);
      seen.add(id);
    }
    expect(seen.size).toBe(24);
    expect(JSON.parse(await second.stop())).toMatchObject({ different: [], failures: 0 });
    await queue.close();
  });

  test('a worker that ends unasked ends whoever waits for it, with what it said', async () => {
    const queue = await redisSearchQueue({ url: server.url, name: 'alone' });
    const ids = await enqueueSearch(queue, plantedJobs(1));
    const worker = startWorker(server.url, 'no:name');
    await expect(results(queue, ids, { signal: worker.died }).next()).rejects.toThrow(
      /^the worker ended by itself with 1: [\s\S]*redisSearchQueue: name must be letters/,
    );
    await queue.close();
  });

  test('a Redis that restarts in the middle keeps jobs and results, and everyone finds it again', async () => {
    const own = await redisServer();
    const queue = await redisSearchQueue({ url: own.url, name: 'restarted' });
    const jobs = plantedJobs(24);
    const ids = await enqueueSearch(queue, jobs);
    const worker = startWorker(own.url, 'restarted');
    const reading = results(queue, ids, { signal: worker.died });
    const before = await reading.next();
    await own.restart();
    const seen = [before.value!.id];
    for await (const { id, tree } of reading) {
      expect(tree?.question).toEqual(jobs[ids.indexOf(id)]!.question);
      seen.push(id);
    }
    expect(seen.sort()).toEqual([...ids].sort());
    await worker.stop();
    await queue.close();
    await own.stop();
  });
});

test('a Redis that is not there is named, without its password', async () => {
  const url = 'redis://user:secret@127.0.0.1:1/0?password=secret';
  const failed = await redisSearchQueue({ url }).catch((error: Error) => error.message);
  expect(failed).toMatch(/^redisSearchQueue: can't reach Redis at redis:\/\/user:\*\*\*@127\.0\.0\.1:1\/0/);
  expect(failed).toContain('ECONNREFUSED');
  expect(failed).not.toContain('secret');
});

test('settings out of range are named', async () => {
  const url = 'redis://127.0.0.1:1';
  await expect(redisSearchQueue({ url, name: 'a:b' })).rejects.toThrow(/^redisSearchQueue: name must be letters/);
  await expect(redisSearchQueue({ url, lockMs: 0 })).rejects.toThrow(
    'redisSearchQueue: lockMs must be an integer ≥ 1, got 0',
  );
});
