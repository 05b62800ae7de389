import type { KernelEngine } from './engine.ts';

/** What a machine can do at most. */
export interface MachineLimits {
  /** Floating-point operations a second, a multiply-add counted as two: what one thread reaches, times the threads. */
  readonly flops: number;
  /** Bytes a second, read and written, by a sum of two arrays much larger than the caches. */
  readonly bytes: number;
}

/** The best of several tries on all threads of the engine. */
export function limitsOf(engine: KernelEngine): MachineLimits {
  const { heap, threads, width } = engine;
  const rounds = 100_000;
  const sums = width === 16 ? 20 : 12;
  const arithmetic = best(() => engine.run('peak', 1, [rounds, width], 1024));
  const count = 1 << 22;
  const arrays = [0, 1, 2].map(() => heap.allocate(count * 4 + 64));
  const step = 1 << 16;
  for (const array of arrays) new Float32Array(heap.memory.buffer, array, count).fill(1);
  const memory = best(() => engine.run('add', count / step, [count, step, ...arrays]));
  for (const array of arrays) heap.free(array);
  return { flops: (threads * rounds * sums * 8) / arithmetic, bytes: (count * 12) / memory };
}

/** Seconds of the fastest of many short runs: on a machine that others use too, only a short one goes undisturbed. */
function best(work: () => void): number {
  let seconds = Number.POSITIVE_INFINITY;
  const end = performance.now() + 250;
  for (let i = 0; i < 5 || performance.now() < end; i++) {
    const start = performance.now();
    work();
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return seconds;
}
