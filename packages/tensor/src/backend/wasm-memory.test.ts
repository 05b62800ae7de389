import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasmHeap } from './internals.ts';
import { OutOfMemoryError } from './out-of-memory.ts';
import { atTheWall } from './test-support/at-the-wall.ts';
import { useBackend } from './use-backend.ts';

const start = async (): Promise<void> => {
  await useBackend('wasm', { threads: 2 });
};

atTheWall('the threaded build', start);

describe('the allocator near 4 GiB', () => {
  beforeAll(start, 60_000);

  it('never hands out a byte twice or past the end, whatever is taken and given back', () => {
    const heap = wasmHeap();
    const sizes = fc.oneof(fc.integer({ min: 1, max: 2 ** 20 }), fc.integer({ min: 2 ** 20, max: 2 ** 31 }));
    const moves = fc.array(fc.record({ bytes: sizes, frees: fc.boolean(), which: fc.nat() }), {
      minLength: 200,
      maxLength: 200,
    });
    fc.assert(
      fc.property(moves, (list) => {
        const held: { at: number; bytes: number }[] = [];
        try {
          for (const { bytes, frees, which } of list) {
            if (frees && held.length > 0) {
              heap.free(held.splice(which % held.length, 1)[0]!.at);
              continue;
            }
            const at = tryAllocate(bytes);
            if (at === undefined) continue;
            expect(at + bytes).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
            for (const other of held) expect(at + bytes <= other.at || other.at + other.bytes <= at).toBe(true);
            held.push({ at, bytes });
          }
        } finally {
          for (const { at } of held) heap.free(at);
        }
        const most = heap.allocate(3.7 * 2 ** 30);
        heap.free(most);
      }),
      { numRuns: 30 },
    );
  });
});

function tryAllocate(bytes: number): number | undefined {
  try {
    return wasmHeap().allocate(bytes);
  } catch (error) {
    if (error instanceof OutOfMemoryError) return undefined;
    throw error;
  }
}
