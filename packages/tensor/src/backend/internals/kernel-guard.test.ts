import { beforeAll, expect, test } from 'vitest';
import { type Tensor, tf } from '../../tf.ts';
import { OutOfMemoryError } from '../out-of-memory.ts';
import { useBackend } from '../use-backend.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

/** Kernels that reshape their inputs on the way to a result of more than 4 GiB. */
const tooLarge: Readonly<Record<string, (x: Tensor) => unknown>> = {
  stack: (x) => tf.stack(new Array<Tensor>(5000).fill(x)),
  concat: (x) => tf.concat(new Array<Tensor>(5000).fill(x)),
  matMul: (x) => tf.matMul(tf.reshape(x, [-1, 1]), tf.reshape(x, [1, -1])),
  meshgrid: (x) => tf.meshgrid(x, x),
  gather: (x) => tf.gather(tf.reshape(x, [1, -1]), tf.zeros([5000], 'int32')),
};

test.each(Object.keys(tooLarge))('wasm: %s that finds no room keeps no hold of its inputs', (name) => {
  const before = tf.backend().numDataIds();
  const x = tf.ones([2 ** 18]);
  expect(() => tf.tidy(() => void tooLarge[name]!(x))).toThrow(OutOfMemoryError);
  expect(tf.sum(x).dataSync()[0]).toBe(2 ** 18);
  x.dispose();
  // What is left is the sum's one number.
  expect(tf.backend().numDataIds() - before).toBe(1);
});
