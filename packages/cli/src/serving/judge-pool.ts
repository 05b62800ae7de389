import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked, RowVerdict } from '../stages/judging.ts';
import { type ChildOptions, type JudgeChild, startChild } from './judge-child.ts';

/** What a pool has done. */
export interface PoolCounts {
  rows: number;
  right: number;
  wrong: number;
  undecided: number;
  /** Processes that were killed or broke, each replaced. */
  ended: number;
}

/** Processes that judge rows side by side. */
export interface JudgePool {
  readonly needsAnswer: boolean;
  readonly counts: Readonly<PoolCounts>;
  /** Rows that wait for a process. */
  readonly waiting: () => number;
  /** Verdicts in the order of the rows. What is not judged when `signal` is aborted is undecided. Never rejects. */
  readonly judge: (rows: readonly Asked[], signal: AbortSignal) => Promise<readonly RowVerdict[]>;
  readonly close: () => void;
}

/** A request's rows, some of them judged. */
interface Job {
  readonly rows: readonly Asked[];
  next: number;
  readonly settle: (index: number, verdict: RowVerdict) => void;
}

/** Starts the processes; they are ready when this returns. */
export async function openPool({ workers, ...options }: ChildOptions & { workers: number }): Promise<JudgePool> {
  const started = await Promise.allSettled(Array.from({ length: workers }, () => startChild(options)));
  const children = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    for (const child of children) child.kill();
    throw failed.reason;
  }
  const counts: PoolCounts = { rows: 0, right: 0, wrong: 0, undecided: 0, ended: 0 };
  /** Requests with rows that wait, in the order in which they are served. */
  const queue: Job[] = [];
  /** Processes that wait for a row. */
  const idle: (() => void)[] = [];
  const living = new Set<JudgeChild>(children);
  let waiting = 0;
  let closed = false;

  /** One row of every request in turn, so that a large or a slow one keeps nobody waiting. */
  function take(): { readonly job: Job; readonly index: number } | undefined {
    const job = queue.shift();
    if (job === undefined) return undefined;
    const index = job.next++;
    waiting--;
    if (job.next < job.rows.length) queue.push(job);
    return { job, index };
  }

  async function serve(child: JudgeChild): Promise<void> {
    let judge = child;
    while (!closed) {
      if (judge.ended()) {
        judge = await replaced(judge);
        continue;
      }
      const task = take();
      if (task === undefined) {
        await new Promise<void>((resolve) => idle.push(resolve));
        continue;
      }
      task.job.settle(task.index, await judge.judge(task.job.rows[task.index]!));
    }
  }

  async function replaced(gone: JudgeChild): Promise<JudgeChild> {
    living.delete(gone);
    counts.ended++;
    for (;;) {
      try {
        const child = await startChild(options);
        living.add(child);
        if (closed) child.kill();
        return child;
      } catch (error) {
        if (closed) return gone;
        // Out of processes or memory, say: it is tried again, without a busy loop. Rows wait until their request's time is up.
        await sleep(1000, error);
      }
    }
  }

  for (const child of children) void serve(child);
  return {
    needsAnswer: children[0]!.needsAnswer,
    counts,
    waiting: () => waiting,
    judge: (rows, signal) =>
      new Promise((resolve) => {
        const verdicts: (RowVerdict | undefined)[] = rows.map(() => undefined);
        let open = rows.length;
        const finish = (): void => {
          signal.removeEventListener('abort', drop);
          for (const verdict of verdicts) count(counts, verdict!);
          resolve(verdicts as RowVerdict[]);
        };
        const settle = (index: number, verdict: RowVerdict): void => {
          if (verdicts[index] !== undefined) return;
          verdicts[index] = verdict;
          if (--open === 0) finish();
        };
        const job: Job = { rows, next: 0, settle };
        const drop = (): void => {
          const place = queue.indexOf(job);
          if (place >= 0) {
            queue.splice(place, 1);
            waiting -= rows.length - job.next;
          }
          rows.forEach((_, index) => void settle(index, { correct: null, how: 'time limit of the request' }));
        };
        if (rows.length === 0) return finish();
        waiting += rows.length;
        queue.push(job);
        signal.addEventListener('abort', drop, { once: true });
        if (signal.aborted) return drop();
        for (const wake of idle.splice(0, rows.length)) wake();
      }),
    close: () => {
      closed = true;
      for (const child of living) child.kill();
      for (const wake of idle.splice(0)) wake();
    },
  };
}

function count(counts: PoolCounts, { correct }: RowVerdict): void {
  counts.rows++;
  counts[correct === null ? 'undecided' : correct ? 'right' : 'wrong']++;
}
