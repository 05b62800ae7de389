import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { wasmHeap } from '../../backend/internals.ts';
import { useBackend } from '../../backend/use-backend.ts';
import { tf } from '../../tf.ts';
import { exchange } from './exchange.ts';
import { vectorMachine } from './machine.ts';
import { sharedCopy } from './shared-copy.ts';

afterAll(() => useBackend('cpu'));

describe.each([
  ['cpu', {}],
  ['wasm', { threads: 1 }],
  ['wasm', { threads: 2 }],
] as const)('exchange on %s %o', (name, options) => {
  test('law: what is brought in and taken out again is the same, and a tensor of its own', async () => {
    await useBackend(name, options);
    const machine = vectorMachine()!;
    machine.reserve(machine.free + 4096);
    const { bring, take } = exchange(machine);
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 300 }), (numbers) => {
        const tensor = tf.tensor(numbers, [1, numbers.length]);
        bring(tensor, machine.free);
        const back = take(machine.free, tensor.shape);
        new Uint8Array(machine.memory.buffer).fill(0, machine.free, machine.free + 4096);
        expect(back.shape).toEqual(tensor.shape);
        expect(back.dataSync()).toEqual(numbers);
        tf.dispose([tensor, back]);
      }),
    );
  });

  test('whole numbers and truth values are brought in as float32', async () => {
    await useBackend(name, options);
    const machine = vectorMachine()!;
    machine.reserve(machine.free + 4096);
    const { bring, take } = exchange(machine);
    for (const tensor of [tf.tensor1d([-1, 0, 7], 'int32'), tf.tensor1d([1, 0, 1], 'bool')]) {
      bring(tensor, machine.free);
      expect(Array.from(take(machine.free, [3]).dataSync())).toEqual(Array.from(tensor.dataSync()));
    }
  });
});

test('shared memory is copied by the machine, any other by JavaScript', async () => {
  await useBackend('wasm', { threads: 2 });
  const { memory } = vectorMachine()!;
  const heap = wasmHeap();
  expect(heap.shared).toBe(true);
  expect(sharedCopy(heap.memory, memory)).toBe(sharedCopy(heap.memory, memory));
  expect(sharedCopy({ buffer: new ArrayBuffer(8) }, memory)).toBeUndefined();
});
