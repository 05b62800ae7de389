import { expect, it } from 'vitest';
import { tf } from '../tf.ts';
import { OutOfMemoryError } from './out-of-memory.ts';
import { useBackend } from './use-backend.ts';

it("JavaScript's own refusal of an array has the same name, and leaves no tensor behind", async () => {
  await useBackend('cpu');
  const before = tf.memory().numTensors;
  const tooLong = (): tf.Tensor => tf.fill([2 ** 50], 1);
  expect(tooLong).toThrow(OutOfMemoryError);
  expect(tooLong).toThrow('cpu: no room for what an operation needs inside, in Fill (dispose of tensors');
  expect(tf.memory().numTensors).toBe(before);
});

it('says what is known and no more', () => {
  const about = { where: 'wasm', requested: 4096, operation: 'Add' };
  const said = (request: object): string => new OutOfMemoryError({ ...about, ...request }).message.split(' (')[0]!;
  expect(said({})).toBe('wasm: no room for 4,096 bytes, in Add');
  expect(said({ tensor: { shape: [32, 32], dtype: 'int32' } })).toBe(
    'wasm: no room for 4,096 bytes, int32 of shape [32, 32], in Add',
  );
  expect(said({ limit: 1024 })).toBe('wasm: no room for 4,096 bytes, in Add: one piece may have at most 1,024');
  expect(said({ limit: 4e9, inUse: 3.5e9 })).toContain(': 3.50 of at most 4.00 GB are in use');
  expect(new OutOfMemoryError({ ...about, limit: 4e9, inUse: 3.5e9 }).message).toContain('what is free lies in pieces');
  expect(new OutOfMemoryError({ ...about, limit: 4e9, inUse: 4e9 }).message).not.toContain('pieces');
});
