/**
 * The block of memory through which threads share a job: each counter that several of them write has a cache line of its own;
 * arguments follow.
 */
export const EPOCH: usize = 0;
export const OPEN: usize = 64;
export const NEXT: usize = 128;
export const ACTIVE: usize = 192;
export const SLEEPING: usize = 256;
export const FINISHED: usize = 320;
export const KIND: usize = 384;
export const TASKS: usize = 388;
export const SCRATCH: usize = 392;
export const SCRATCH_BYTES: usize = 396;
export const ARGUMENTS: usize = 448;
export const CONSTANTS: usize = 768;

// @ts-ignore: decorators are AssemblyScript's
@inline
export function add(pointer: usize, value: i32): i32 {
  if (ASC_FEATURE_THREADS) return atomic.add<i32>(pointer, value);
  const old = load<i32>(pointer);
  store<i32>(pointer, old + value);
  return old;
}

// @ts-ignore: decorators are AssemblyScript's
@inline
export function read(pointer: usize): i32 {
  if (ASC_FEATURE_THREADS) return atomic.load<i32>(pointer);
  return load<i32>(pointer);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
export function write(pointer: usize, value: i32): void {
  if (ASC_FEATURE_THREADS) atomic.store<i32>(pointer, value);
  else store<i32>(pointer, value);
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
