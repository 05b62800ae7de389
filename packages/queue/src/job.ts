import { type Fingerprint, SEARCH_FORMAT } from '@svo/mcts';
import { contentHash, type Question } from '@svo/mdp';
import { z } from 'zod';

/**
 * One tree to search: everything the tree depends on, as plain JSON. Any worker, on any machine and however often, must make
 * the same tree of it; that is what lets a queue deliver a job twice without harm.
 */
export interface SearchJob {
  /** Which weights propose the steps: a content hash, or a name that means the same weights on every machine. */
  readonly checkpoint: string;
  readonly question: Question;
  /** What the worker makes its rules of: iterations, breadth, c, …; plain JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The search's seed; any safe integer. */
  readonly seed: number;
  /**
   * What the tree must have been searched with, by the names of `Tree.fingerprint`: `policy`, `verifier`, `rules`, … Any of them;
   * a worker that searches with something else is refused. Without it the worker's word is taken.
   */
  readonly fingerprint?: Fingerprint;
}

const schema = z.strictObject({
  checkpoint: z.string().min(1),
  question: z.strictObject({ id: z.string(), prompt: z.string(), answer: z.string().optional() }),
  settings: z.record(z.string(), z.unknown()),
  seed: z.int(),
  fingerprint: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
});

/**
 * A job's name: the SHA-256 of all it holds (checkpoint, question, settings, seed, and the fingerprint if it has one) and of the
 * search's format. Equal jobs have equal names, so that a job is queued once and its result kept once; a library whose searches
 * come to other trees gives other names.
 *
 * @throws TypeError when `settings` hold what JSON can't: NaN, functions, class instances, cycles
 * @example
 * ```ts
 * import { searchJobId } from '@svo/queue';
 * const job = { checkpoint: 'base', question: { id: 'a', prompt: '2 + 3?' }, settings: { iterations: 80 }, seed: 1 };
 * searchJobId(job) === searchJobId({ ...job }); // => true
 * searchJobId(job) === searchJobId({ ...job, seed: 2 }); // => false
 * ```
 */
export function searchJobId(job: SearchJob): string {
  return contentHash({ ...job, format: SEARCH_FORMAT });
}

/** Whether a job is the one its id says; ids of before had no format in them. */
export function isJobOf(id: string, job: SearchJob): boolean {
  return id === searchJobId(job) || id === contentHash(job);
}

/** A job as it comes in, from a caller or from a server: checked, or an error naming `caller` and the field. */
export function checkedJob(caller: string, value: unknown): SearchJob {
  const parsed = schema.safeParse(value);
  if (parsed.success) return value as SearchJob;
  const [issue] = parsed.error.issues;
  throw new TypeError(
    `${caller}: job.${issue?.path.join('.') ?? ''}: ${issue?.message}; a job is { checkpoint, question: { id, prompt, answer? }, settings, seed, fingerprint? }`,
  );
}
