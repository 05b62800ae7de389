import { checkedJob, type SearchJob, searchJobId } from './job.ts';
import type { SearchQueue } from './queue.ts';

/**
 * Puts searches in line for any worker. A job that is known already, waiting, at work or with its result, is not done again;
 * one whose attempts all failed is tried anew.
 *
 * @returns each job's id, in the order of `jobs`, to give to {@link results}
 * @throws TypeError, before anything is queued, for a job that is not one
 * @example
 * ```ts
 * import { enqueueSearch, memorySearchQueue } from '@svo/queue';
 * const queue = memorySearchQueue();
 * const job = { checkpoint: 'base', question: { id: 'a', prompt: '2 + 3?' }, settings: { iterations: 80 }, seed: 1 };
 * const [first, second] = await enqueueSearch(queue, [job, job]);
 * first === second; // => true
 * ```
 */
export async function enqueueSearch(queue: SearchQueue, jobs: Iterable<SearchJob>): Promise<readonly string[]> {
  const checked = Array.from(jobs, (job) => checkedJob('enqueueSearch', job));
  const named = checked.map((job) => [searchJobId(job), job] as const);
  await queue.add(new Map(named));
  return named.map(([id]) => id);
}
