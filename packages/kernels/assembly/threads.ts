/**
 * How the threads share a job. A job is a kind, arguments and a number of tasks; every thread claims task numbers from
 * one counter until none are left. What a task computes depends on its number alone, never on who runs it or on how
 * many threads there are: results are the same bits for one thread or sixteen.
 */
import {
  ACTIVE, add, ARGUMENTS, CONSTANTS, EPOCH, FINISHED, KIND, NEXT, OPEN, read, SCRATCH, SCRATCH_BYTES, SLEEPING, TASKS, write,
} from './control';
import { useConstants, writeConstants } from './math';
import { runTask } from './tasks';

/** Claims and runs tasks until none are left, in the scratch of thread `index`. */
function claim(control: usize, index: i32): void {
  const scratch = load<usize>(control + SCRATCH) + load<usize>(control + SCRATCH_BYTES) * index;
  const kind = load<i32>(control + KIND);
  const tasks = load<i32>(control + TASKS);
  for (let task = add(control + NEXT, 1); task < tasks; task = add(control + NEXT, 1))
    runTask(kind, task, control + ARGUMENTS, scratch, control);
}

/** The main thread's side: opens the job whose arguments lie in the control block, helps, and returns when it is done. */
export function run(control: usize, kind: i32, tasks: i32): void {
  store<i32>(control + KIND, kind);
  store<i32>(control + TASKS, tasks);
  write(control + NEXT, 0);
  write(control + FINISHED, 0);
  if (ASC_FEATURE_THREADS && tasks > 1) {
    write(control + OPEN, 1);
    add(control + EPOCH, 1);
    if (read(control + SLEEPING) > 0) atomic.notify(control + EPOCH, -1);
  }
  claim(control, 0);
  // A worker that arrives after this finds the job closed; those already inside are waited for.
  write(control + OPEN, 0);
  while (read(control + ACTIVE) > 0) {}
}

/** To be called once, on the main thread, before any job and before any worker serves. */
export function prepare(control: usize): void {
  writeConstants(control + CONSTANTS);
  useConstants(control + CONSTANTS);
}

/** A worker's side: serves jobs until the control block says stop. Spins for a while between jobs, then sleeps. */
export function serve(control: usize, index: i32, spins: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  useConstants(control + CONSTANTS);
  let seen = read(control + EPOCH);
  while (true) {
    let idle: i32 = 0;
    while (read(control + EPOCH) == seen) {
      if (++idle < spins) continue;
      add(control + SLEEPING, 1);
      atomic.wait<i32>(control + EPOCH, seen, -1);
      add(control + SLEEPING, -1);
      idle = 0;
    }
    seen = read(control + EPOCH);
    add(control + ACTIVE, 1);
    const open = read(control + OPEN);
    if (open == 1) claim(control, index);
    add(control + ACTIVE, -1);
    if (open == 2) return;
  }
}

/** Ends every worker's `serve`. */
export function stop(control: usize): void {
  write(control + OPEN, 2);
  add(control + EPOCH, 1);
  if (ASC_FEATURE_THREADS) atomic.notify(control + EPOCH, -1);
}
