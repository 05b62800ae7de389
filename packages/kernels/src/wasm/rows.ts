/** What every kernel over rows does first. */
import type { KernelEngine } from './engine.ts';

/** Rows a task takes, about 16 K floats of work. Fixed by the sizes alone, so that sums do not depend on threads. */
export const rowsPerTask = (width: number): number => Math.max(1, Math.floor((1 << 14) / Math.max(1, width)));

/** Kernels index memory by these numbers: each is checked before any thread does. */
export function checkIds(
  where: string,
  name: string,
  engine: KernelEngine,
  pointer: number,
  count: number,
  limit: number,
): void {
  const ids = new Int32Array(engine.heap.memory.buffer, pointer, count);
  for (let i = 0; i < count; i++)
    if (ids[i]! < 0 || ids[i]! >= limit)
      throw new RangeError(`${where}: ${name}[${i}] must lie in 0 … ${limit - 1}, got ${ids[i]}`);
}
