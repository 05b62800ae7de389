import { ProgramError, saveTree, type Tree } from '@svo/mcts';
import { assertOptions } from '@svo/mdp';
import { differenceFrom } from './difference.ts';
import { checkedJob, isJobOf, type SearchJob } from './job.ts';
import { isDefect, requireCount, type SearchQueue, type WorkOptions } from './queue.ts';

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
 * An error of `searchOne` that carries a `failure` (`PolicyError` does), an abort or a timeout is the attempt's: the queue tries
 * the job again. Any other is a defect of the program, which every job would meet: the job gets its failure, nothing further
 * is taken, and the worker rejects with it once the jobs at hand are finished.
 *
 * A worker that dies loses nothing: its jobs go to another. A job may therefore be searched twice, and only the first result
 * is kept, so `searchOne` must be a pure function of the job (`@svo/mcts`'s ordered mode is).
 *
 * @param searchOne the search itself, from checkpoint, question, settings and seed; with a batched policy, wrap it in
 *   `batchRequests` of `@svo/policy` and raise `concurrency`
 * @param options `concurrency`: jobs at once, 1
 * @returns what was done
 * @throws RangeError for a concurrency below 1 or an unknown option
 * @throws ProgramError naming the question, for a defect of policy, verifier or `searchOne` itself; what was thrown is its `cause`
 * @example
 * ```ts
 * import type { Policy, Verifier } from '@svo/mdp';
 * import { dvoSearch, search, uniformPrior } from '@svo/mcts';
 * import { enqueueSearch, memorySearchQueue, results, searchWorker } from '@svo/queue';
 * const queue = memorySearchQueue();
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 5, finish: 'answer' }] };
 * const verifier: Verifier = (_, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const stop = new AbortController();
 * const worker = searchWorker(
 *   queue,
 *   ({ question, settings, seed }) =>
 *     search({ question, seed, policy, rules: dvoSearch({ verifier, prior: uniformPrior, ...settings }) }),
 *   { signal: stop.signal },
 * );
 * const question = { id: 'a', prompt: '2 + 3?' };
 * const ids = await enqueueSearch(queue, [{ checkpoint: 'base', question, settings: { iterations: 8 }, seed: 1 }]);
 * const values: number[] = [];
 * for await (const { tree } of results(queue, ids)) values.push(tree!.values[0]!);
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
  assertOptions('searchWorker', options, ['concurrency', 'signal']);
  const { concurrency = 1, signal } = options;
  requireCount('searchWorker', 'concurrency', concurrency, 1);
  const counts = { first: 0, same: 0, different: 0 };
  const different: string[] = [];
  let failures = 0;
  let defect: ProgramError | undefined;
  const broken = new AbortController();
  const handle = async (id: string, value: unknown): Promise<void> => {
    try {
      const job = checkedJob('searchWorker', value);
      if (!isJobOf(id, job)) throw new Error(`searchWorker: the job under ${id} has another content than its id says`);
      const kept = await queue.keep(id, saveTree(asOrdered(await searched(searchOne, job), job)));
      counts[kept] += 1;
      if (kept === 'different') different.push(id);
    } catch (error) {
      failures += 1;
      if (isDefect(error)) {
        defect ??= error as ProgramError;
        broken.abort();
      }
      throw error;
    }
  };
  await queue.work(handle, {
    concurrency,
    signal: signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]),
  });
  if (defect !== undefined) throw defect;
  return { searched: counts.first, repeated: counts.same, different, failures };
}

/** A job's tree; a defect met on the way to it names the question. */
const searched = async (searchOne: (job: SearchJob) => Promise<Tree>, job: SearchJob): Promise<Tree> => {
  try {
    return await searchOne(job);
  } catch (error) {
    if (isDefect(error) || isPassing(error)) throw error;
    const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new ProgramError('searchWorker', [job.question.id], words, error);
  }
};

/** The tree, if it is the job's: of its question and seed, searched with what its fingerprint says. */
const asOrdered = (tree: Tree, job: SearchJob): Tree => {
  const difference = differenceFrom(tree, job);
  if (difference === undefined) return tree;
  throw new ProgramError('searchWorker', [job.question.id], `the tree is not the job's: ${difference}`);
};

/** Whether another attempt may fare better: a failure on the way to a server, an abort, a timeout. */
const isPassing = (error: unknown): boolean =>
  error instanceof Error && ('failure' in error || error.name === 'AbortError' || error.name === 'TimeoutError');
