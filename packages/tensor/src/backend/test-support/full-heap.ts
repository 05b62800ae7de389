/** A wasm heap filled to its end with blocks that nobody writes to, so that they cost addresses and no memory. */

import { wasmHeap } from '../internals.ts';
import { OutOfMemoryError } from '../out-of-memory.ts';

/** Blocks of the heap, taken largest first until not even `smallest` bytes are left. */
export function fillHeap(smallest: number): { readonly blocks: number[]; release(): void } {
  const heap = wasmHeap();
  const blocks: number[] = [];
  for (let bytes = 2 ** 29; bytes >= smallest; bytes /= 2) while (taken(blocks, bytes));
  return {
    blocks,
    release() {
      for (const block of blocks.splice(0)) heap.free(block);
    },
  };

  function taken(into: number[], bytes: number): boolean {
    try {
      into.push(heap.allocate(bytes));
      return true;
    } catch (error) {
      if (error instanceof OutOfMemoryError) return false;
      throw error;
    }
  }
}
