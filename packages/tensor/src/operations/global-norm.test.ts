import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { globalNorm } from './global-norm.ts';

onBackend('globalNorm', () => {
  test('law: the norm of all the numbers as one vector, however they are split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 7 }),
        (xs, at) => {
          const cut = Math.min(at, xs.length - 1);
          const norm = globalNorm({ a: tf.tensor1d(xs.slice(0, cut)), b: tf.tensor2d([xs.slice(cut)]) }).dataSync()[0];
          expect(norm).toBeCloseTo(Math.hypot(...xs), 4);
        },
      ),
    );
  });

  test('no tensors: 0; NaN stays; nothing leaks', () => {
    expect(globalNorm({}).dataSync()[0]).toBe(0);
    expect(globalNorm({ a: tf.tensor1d([Number.NaN]) }).dataSync()[0]).toBeNaN();
    const a = tf.tensor1d([3, 4]);
    const before = tf.memory().numTensors;
    globalNorm({ a }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
