/**
 * Working memory for formulas on the host. A formula makes a dozen arrays of the batch's size and keeps none; taking them from
 * the allocator each time costs more than the arithmetic once they leave the cache. Arrays are lent during one call of
 * `withScratch` and taken back at its end, so nothing that outlives the call may be one.
 */
const pools = new Map<number, { readonly arrays: Float64Array[]; lent: number }>();
/** Numbers kept for the next call; beyond this, arrays are allocated and forgotten. */
const capacity = 4 * 1024 * 1024;
let kept = 0;
let depth = 0;

/** An array of this length with arbitrary contents, the caller's until the end of the enclosing `withScratch`. */
export function scratch(length: number): Float64Array {
  if (depth === 0) return new Float64Array(length);
  let pool = pools.get(length);
  if (pool === undefined) {
    pool = { arrays: [], lent: 0 };
    pools.set(length, pool);
  }
  if (pool.lent < pool.arrays.length) return pool.arrays[pool.lent++];
  const array = new Float64Array(length);
  if (kept + length <= capacity) {
    kept += length;
    pool.arrays.push(array);
    pool.lent += 1;
  }
  return array;
}

/** Runs a computation whose intermediate arrays come from, and go back to, the pool. Its result must not be one of them. */
export function withScratch<T>(compute: () => T): T {
  depth += 1;
  try {
    return compute();
  } finally {
    depth -= 1;
    if (depth === 0) takeBack();
  }
}

function takeBack(): void {
  // Batches of ever new shapes would fill the pool with lengths that never come back: start over when it is full.
  if (kept > capacity / 2 && pools.size > 64) {
    pools.clear();
    kept = 0;
  }
  for (const pool of pools.values()) pool.lent = 0;
}
