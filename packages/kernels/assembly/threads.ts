/**
 * How the threads share a job. A job is a kind, arguments and a number of tasks; every thread claims task numbers from
 * one counter until none are left. What a task computes depends on its number alone, never on who runs it or on how
 * many threads there are: results are the same bits for one thread or sixteen.
 *
 * The control block gives each counter that several threads write a cache line of its own; arguments follow.
 */
import { useConstants, writeConstants } from './math';
import { runTask } from './tasks';

const EPOCH: usize = 0;
const OPEN: usize = 64;
const NEXT: usize = 128;
const ACTIVE: usize = 192;
const SLEEPING: usize = 256;
const FINISHED: usize = 320;
const KIND: usize = 384;
const TASKS: usize = 388;
const SCRATCH: usize = 392;
const SCRATCH_BYTES: usize = 396;
export const ARGUMENTS: usize = 448;
const CONSTANTS: usize = 768;

// @ts-ignore: decorators are AssemblyScript's
@inline
function add(pointer: usize, value: i32): i32 {
  if (ASC_FEATURE_THREADS) return atomic.add<i32>(pointer, value);
  const old = load<i32>(pointer);
  store<i32>(pointer, old + value);
  return old;
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function read(pointer: usize): i32 {
  if (ASC_FEATURE_THREADS) return atomic.load<i32>(pointer);
  return load<i32>(pointer);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function write(pointer: usize, value: i32): void {
  if (ASC_FEATURE_THREADS) atomic.store<i32>(pointer, value);
  else store<i32>(pointer, value);
}

/** Claims and runs tasks until none are left, in the scratch of thread `index`. */
function claim(control: usize, index: i32): void {
  const scratch = load<usize>(control + SCRATCH) + load<usize>(control + SCRATCH_BYTES) * index;
  const kind = load<i32>(control + KIND);
  const tasks = load<i32>(control + TASKS);
  for (let task = add(control + NEXT, 1); task < tasks; task = add(control + NEXT, 1))
    runTask(kind, task, control + ARGUMENTS, scratch, control);
}

/** A first-phase task is done (others may be waiting for all of them). */
export function finishFirst(control: usize): void {
  add(control + FINISHED, 1);
}

/**
 * Waits until `count` first-phase tasks are done. Task numbers are claimed in order, so whoever reaches the second
 * phase knows that each first-phase task is already in the hands of a running thread: the wait always ends.
 */
export function awaitFirst(control: usize, count: i32): void {
  while (read(control + FINISHED) < count) {}
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
