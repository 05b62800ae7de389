import type { SearchJob } from './job.ts';

/** What a job came to: the bytes of its tree, or why there is none after the last attempt. */
export type Answer =
  | { readonly id: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly id: string; readonly failure: string };

/** Whether a result was the first of its job, the same again, or another one than before. */
export type Kept = 'first' | 'same' | 'different';

/** How jobs are worked on. */
export interface WorkOptions {
  /** Jobs at once. */
  readonly concurrency: number;
  /** Ends the work: no further job is taken, those at hand are finished. */
  readonly signal?: AbortSignal;
}

/**
 * Where jobs wait and results are kept. `redisSearchQueue` is one for many machines, `memorySearchQueue` one for a single
 * process; `enqueueSearch`, `searchWorker` and `results` work on either. Delivery is at least once: a worker that dies has its
 * jobs handed to another.
 */
export interface SearchQueue {
  readonly name: string;
  /** Puts jobs in line, each under its id. One that waits, is at work or has its result is left alone; one that failed is tried again. */
  readonly add: (jobs: ReadonlyMap<string, SearchJob>) => Promise<void>;
  /**
   * Hands jobs to `handle` until the signal aborts. A `handle` that throws is tried again, with growing pauses, up to the queue's
   * attempts; after a defect of the program (`isDefect`) it is not.
   */
  readonly work: (handle: (id: string, job: unknown) => Promise<void>, options: WorkOptions) => Promise<void>;
  /** Keeps a job's result, if it has none yet. */
  readonly keep: (id: string, bytes: Uint8Array<ArrayBuffer>) => Promise<Kept>;
  /** Each id's answer once, as they come. */
  readonly answers: (ids: readonly string[], signal?: AbortSignal) => AsyncIterable<Answer>;
  /** Deletes results, and what is known of failures. */
  readonly forget: (ids: readonly string[]) => Promise<void>;
  /** Lets go of connections. */
  readonly close: () => Promise<void>;
}

/** How often a failing job is tried, and how long the pauses are. */
export interface RetryPolicy {
  /** Attempts in all: 3. */
  readonly attempts?: number;
  /** The first pause, doubled each time, in milliseconds: 1000. */
  readonly backoffMs?: number;
}

/** Whether an error is a defect of the program (`ProgramError`): another attempt would come to the same. */
export function isDefect(error: unknown): boolean {
  return error instanceof Error && error.name === 'ProgramError';
}

/** The retry settings with their defaults, or an error naming `caller`. */
export function checkedRetries(caller: string, { attempts = 3, backoffMs = 1000 }: RetryPolicy): Required<RetryPolicy> {
  requireCount(caller, 'attempts', attempts, 1);
  requireCount(caller, 'backoffMs', backoffMs, 0);
  return { attempts, backoffMs };
}

/** Throws unless `value` is an integer of at least `least`. */
export function requireCount(caller: string, argument: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${caller}: ${argument} must be an integer ≥ ${least}, got ${value}`);
}

/** What `answers` says of an id nobody queued: waiting for it would never end. */
export function unknownJob(id: string): Error {
  return new Error(`results: job ${id} is not in the queue and has no result (hint: pass the ids enqueueSearch gave)`);
}

/** What `keep` finds when a result is there already. */
export function compared(kept: Uint8Array, again: Uint8Array): Kept {
  return Buffer.compare(kept, again) === 0 ? 'same' : 'different';
}
