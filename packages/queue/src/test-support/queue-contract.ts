/** What every queue promises, checked on a queue of any kind. */
import { saveTree } from '@svo/mcts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enqueueSearch } from '../enqueue-search.ts';
import { type SearchJob, searchJobId } from '../job.ts';
import type { RetryPolicy, SearchQueue } from '../queue.ts';
import { results, type SearchResult } from '../results.ts';
import { searchWorker } from '../search-worker.ts';
import { plantedJob, plantedJobs, searchPlanted } from './planted-search.ts';

type Open = (options: RetryPolicy) => Promise<SearchQueue>;

const collect = async (queue: SearchQueue, ids: readonly string[]): Promise<SearchResult[]> => {
  const found: SearchResult[] = [];
  for await (const result of results(queue, ids)) found.push(result);
  return found;
};

/** Queues one job and gives its id. */
const enqueued = async (queue: SearchQueue, job: SearchJob): Promise<string> => (await enqueueSearch(queue, [job]))[0]!;

/** What one job came to. */
const resultOf = async (queue: SearchQueue, id: string): Promise<SearchResult> => (await collect(queue, [id]))[0]!;

/** Runs `during` beside a worker, and gives the worker's report. */
const withWorker = async (
  queue: SearchQueue,
  searchOne: typeof searchPlanted,
  during: () => Promise<void>,
  concurrency = 2,
): ReturnType<typeof searchWorker> => {
  const stop = new AbortController();
  const worker = searchWorker(queue, searchOne, { concurrency, signal: stop.signal });
  try {
    await during();
  } finally {
    stop.abort();
  }
  return worker;
};

export function queueContract(kind: string, open: Open): void {
  describe(`a queue ${kind}`, () => {
    let queue: SearchQueue;
    beforeAll(async () => {
      queue = await open({ attempts: 2, backoffMs: 1 });
    });
    afterAll(() => queue.close());

    test('gives each job the tree a search here would have made, byte for byte', async () => {
      const jobs = plantedJobs(6);
      const ids = await enqueueSearch(queue, jobs);
      const report = await withWorker(queue, searchPlanted, async () => {
        const found = await collect(queue, ids);
        expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort());
        for (const [index, id] of ids.entries()) {
          const tree = found.find((result) => result.id === id)?.tree;
          const alone = await searchPlanted(plantedJob(index));
          expect(Buffer.compare(saveTree(tree!), saveTree(alone))).toBe(0);
        }
      });
      expect(report).toEqual({ searched: 6, repeated: 0, different: [], failures: 0 });
    });

    test('does not do again what has a result, and gives it again to whoever asks', async () => {
      const jobs = plantedJobs(6);
      const ids = await enqueueSearch(queue, jobs);
      const report = await withWorker(queue, searchPlanted, async () => {
        expect(await collect(queue, [...ids, ...ids])).toHaveLength(6);
      });
      expect(report.searched + report.repeated).toBe(0);
    });

    test('tries a failing job again, and then says why there is no tree, without ending the others', async () => {
      const [bad, good] = [plantedJob(6), plantedJob(7)];
      const ids = await enqueueSearch(queue, [bad, good]);
      const [badId, goodId] = [searchJobId(bad), searchJobId(good)];
      expect(ids).toEqual([badId, goodId]);
      const searchOne = async (job: SearchJob) => {
        if (job.question.id === bad.question.id) {
          throw Object.assign(new Error('out of luck'), { failure: { kind: 'server', message: 'out of luck' } });
        }
        return searchPlanted(job);
      };
      const report = await withWorker(queue, searchOne, async () => {
        const found = new Map((await collect(queue, ids)).map((result) => [result.id, result]));
        expect(found.get(badId)).toEqual({ id: badId, failure: 'out of luck' });
        expect(found.get(goodId)?.tree?.question).toEqual(good.question);
      });
      expect(report).toMatchObject({ searched: 1, failures: 2 });
      await enqueueSearch(queue, [bad]);
      await withWorker(queue, searchPlanted, async () => {
        expect((await resultOf(queue, badId)).tree?.question).toEqual(bad.question);
      });
    });

    test('a defect of the program ends the worker, which names the question; the job is not tried again', async () => {
      const job = plantedJob(9);
      const id = await enqueued(queue, job);
      const defect = new TypeError('verifier is not a function');
      let calls = 0;
      const worker = searchWorker(queue, async () => {
        calls += 1;
        throw defect;
      });
      const error = await worker.catch((thrown) => thrown);
      const message = `searchWorker: question '${job.question.id}': TypeError: verifier is not a function`;
      expect([error.message, error.cause, calls]).toEqual([message, defect, 1]);
      expect(await collect(queue, [id])).toEqual([{ id, failure: message }]);
      await queue.forget([id]);
    });

    test('a tree searched with something else than the job says is refused by name, and so is a result', async () => {
      const job = plantedJob(10);
      const right = { ...job, fingerprint: { policy: 'planted 3', breadth: 3 } };
      const wrong = { ...job, fingerprint: { breadth: 4 } };
      const { fingerprint } = await searchPlanted(job);
      expect(fingerprint).toMatchObject({ breadth: 3, verifier: null });
      right.fingerprint.policy = String(fingerprint!.policy);
      const [good, bad] = [await enqueued(queue, right), await enqueued(queue, wrong)];
      const stop = new AbortController();
      const worker = searchWorker(queue, searchPlanted, { signal: stop.signal });
      const message = `searchWorker: question '${job.question.id}': the tree is not the job's: breadth is 3, expected 4`;
      await expect(worker).rejects.toThrow(message);
      expect(await collect(queue, [bad])).toEqual([{ id: bad, failure: message }]);
      const kept = await resultOf(queue, good);
      expect(kept.tree!.fingerprint).toEqual(fingerprint);
      for await (const { failure } of results(queue, [good], { fingerprint: { policy: 'other' } })) {
        expect(failure).toBe(`results: the tree of ${good}: policy is ${fingerprint!.policy}, expected other`);
      }
      const another = searchWorker(queue, () => searchPlanted({ ...job, seed: 8 }));
      const shifted = await enqueued(queue, { ...job, settings: { iterations: 13 } });
      await expect(another).rejects.toThrow("the tree is not the job's: seed is 8, expected 5");
      await queue.forget([good, bad, shifted]);
    });

    test('keeps the first result, and names a job that came to another one', async () => {
      const job = plantedJob(0);
      const id = searchJobId(job);
      const tree = saveTree(await searchPlanted(job));
      const other = saveTree(await searchPlanted({ ...job, seed: 6 }));
      expect(await queue.keep(id, tree)).toBe('same');
      expect(await queue.keep(id, other)).toBe('different');
      const kept = await resultOf(queue, id);
      expect(Buffer.compare(saveTree(kept.tree!), tree)).toBe(0);
    });

    test('forgets results, and bytes that are no tree are a failure, never a tree', async () => {
      const job = plantedJob(0);
      const id = searchJobId(job);
      await queue.forget([id]);
      await expect(collect(queue, [id])).rejects.toThrow(`results: job ${id} is not in the queue and has no result`);
      await queue.keep(id, new TextEncoder().encode('not a tree at all'));
      expect((await resultOf(queue, id)).failure).toMatch(`loadTree: result ${id}`);
    });

    test('ends a wait when told to', async () => {
      const id = await enqueued(queue, { ...plantedJob(0), seed: 99 });
      const signal = AbortSignal.timeout(50);
      const waiting = (async () => {
        for await (const result of results(queue, [id], { signal })) expect(result).toBeUndefined();
      })();
      await expect(waiting).rejects.toThrow(/timeout/);
    });

    test('refuses a job that is not one, before anything is queued', async () => {
      const job = plantedJob(0);
      const wrong = { ...job, seed: 0.5 };
      await expect(enqueueSearch(queue, [{ ...job, seed: 123 }, wrong])).rejects.toThrow(
        /^enqueueSearch: job\.seed: .*a job is \{ checkpoint, question/,
      );
      const id = searchJobId({ ...job, seed: 123 });
      await expect(collect(queue, [id])).rejects.toThrow('not in the queue');
      await expect(searchWorker(queue, searchPlanted, { concurency: 2 } as object)).rejects.toThrow(
        "searchWorker: unknown option 'concurency' (did you mean 'concurrency'?)",
      );
      await expect(searchWorker(queue, searchPlanted, { concurrency: 0 })).rejects.toThrow(
        'searchWorker: concurrency must be an integer ≥ 1, got 0',
      );
    });
  });
}
