/** The kernels where the heap's addresses are no signed numbers any more, and where it ends. */
import { OutOfMemoryError, tf, useBackend, wasmHeap } from '@svo/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { installKernels } from '../install.ts';
import { stepBits } from '../test-support/step-bits.ts';

const GiB = 2 ** 30;

beforeAll(async () => {
  await useBackend('wasm', { threads: 2 });
}, 60_000);

/** Blocks nobody writes to, largest first, until less than `smallest` bytes are left together. */
function fill(smallest: number): number[] {
  const blocks: number[] = [];
  for (let bytes = GiB; bytes >= smallest; bytes /= 2)
    for (;;)
      try {
        blocks.push(wasmHeap().allocate(bytes));
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
        break;
      }
  return blocks;
}

/** Takes whatever is free below so many GiB, so that what follows lies above. */
function takeBelow(floor: number, blocks: number[]): void {
  for (let bytes = GiB / 16; bytes >= 16; bytes /= 2)
    for (let at = 0; at < floor * GiB; blocks.push(at)) at = wasmHeap().allocate(bytes);
}

const release = (blocks: readonly number[]): void => {
  for (const block of blocks) wasmHeap().free(block);
};

describe.each(['wasm', 'auto'] as const)('kernels with engine %s', (engine) => {
  it.each([2, 3])('give the same bits when they and their tensors lie above %i GiB', async (floor) => {
    await installKernels({ threads: 2, engine });
    const due = stepBits();
    const blocks = Array.from({ length: floor }, () => wasmHeap().allocate(GiB));
    try {
      takeBelow(floor, blocks);
      await installKernels({ threads: 2, engine });
      // The kernels that ran before have left a hole.
      takeBelow(floor, blocks);
      const probe = tf.zeros([16]);
      expect(wasmHeap().pointer(probe as never)).toBeGreaterThan(floor * GiB);
      expect(stepBits()).toEqual(due);
      probe.dispose();
    } finally {
      release(blocks);
    }
    await installKernels({ threads: 2, engine });
    expect(stepBits()).toEqual(due);
  });
});

describe('a full heap', () => {
  it('refuses a step, leaves every tensor and every workspace whole, and goes on afterwards', async () => {
    await installKernels({ threads: 2, engine: 'wasm' });
    const due = stepBits();
    const [left, right] = [tf.ones([1, 2000]), tf.ones([2000, 700])];
    const sums = (): number[] => Array.from(tf.tidy(() => tf.matMul(left, right).dataSync().slice(0, 2)));
    const before = [tf.memory().numTensors, tf.memory().numDataBuffers, tf.backend().numDataIds()];
    const blocks = fill(2 ** 12);
    // Room for results, none for the panels a product is packed into.
    expect(() => sums()).toThrow(OutOfMemoryError);
    expect(() => sums()).toThrow('wasm: no room for ');
    expect(() => stepBits()).toThrow(OutOfMemoryError);
    expect([tf.memory().numTensors, tf.memory().numDataBuffers, tf.backend().numDataIds()]).toEqual(before);
    release(blocks);
    expect(stepBits()).toEqual(due);
    expect(sums()).toEqual([2000, 2000]);
    tf.dispose([left, right]);
  });
});
