import { saveTree, type Tree } from '@svo/mcts';
import { checkedJob, type SearchJob, searchJobId } from './job.ts';
import { requireCount, type SearchQueue, type WorkOptions } from './queue.ts';

/** What a worker did until it was told to stop. */
export interface WorkerReport {
  /** Trees that were the first of their job. */
  readonly searched: number;
  /** Trees that another worker, or this one before, had delivered already, byte for byte. */
  readonly repeated: number;
  /** Ids of jobs that gave another tree than before: the search is not a function of its job. The first tree stays. */
  readonly different: readonly string[];
  /** Attempts that threw. */
  readonly failures: number;
}

/**
 * Takes jobs from a queue and searches them until `signal` aborts; those at hand are then finished. Run it in as many
 * processes as there are machines.
 *
 * A worker that dies loses nothing: its jobs go to another. A job may therefore be searched twice, and only the first result
 * is kept, so `searchOne` must be a pure function of the job (`@svo/mcts`'s ordered mode is).
 *
 * @param searchOne the search itself, from checkpoint, question, settings and seed; with a batched policy, wrap it in
 *   `batchRequests` of `@svo/policy` and raise `concurrency`
 * @param options `concurrency`: jobs at once, 1
 * @returns what was done
 * @throws RangeError for a concurrency below 1
 * @example
 * ```ts
 * import { dvoSearch, search, uniformPrior } from '@svo/mcts';
 * import { enqueueSearch, memorySearchQueue, results, searchWorker } from '@svo/queue';
 * const queue = memorySearchQueue();
 * const policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 5, finish: 'answer' }] };
 * const verifier = (question, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const stop = new AbortController();
 * const worker = searchWorker(
 *   queue,
 *   ({ question, settings, seed }) =>
 *     search({ question, seed, policy, rules: dvoSearch({ verifier, prior: uniformPrior, ...settings }) }),
 *   { signal: stop.signal },
 * );
 * const question = { id: 'a', prompt: '2 + 3?' };
 * const ids = await enqueueSearch(queue, [{ checkpoint: 'base', question, settings: { iterations: 8 }, seed: 1 }]);
 * const values = [];
 * for await (const { tree } of results(queue, ids)) values.push(tree.values[0]);
 * stop.abort();
 * values; // => [1]
 * (await worker).searched; // => 1
 * ```
 */
export async function searchWorker(
  queue: SearchQueue,
  searchOne: (job: SearchJob) => Promise<Tree>,
  options: Partial<WorkOptions> = {},
): Promise<WorkerReport> {
  const { concurrency = 1, signal } = options;
  requireCount('searchWorker', 'concurrency', concurrency, 1);
  const counts = { first: 0, same: 0, different: 0 };
  const different: string[] = [];
  let failures = 0;
  const handle = async (id: string, value: unknown): Promise<void> => {
    try {
      const job = checkedJob('searchWorker', value);
      if (searchJobId(job) !== id)
        throw new Error(`searchWorker: the job under ${id} has another content than its id says`);
      const kept = await queue.keep(id, saveTree(await searchOne(job)));
      counts[kept] += 1;
      if (kept === 'different') different.push(id);
    } catch (error) {
      failures += 1;
      throw error;
    }
  };
  await queue.work(handle, { concurrency, ...(signal === undefined ? {} : { signal }) });
  return { searched: counts.first, repeated: counts.same, different, failures };
}
