import { ShapeError, tf, useBackend } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { independentRows, installKernels } from '../install.ts';
import { expectOperation, expectSameBits, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { linearReference } from '../test-support/reference.ts';
import { linear } from './linear.ts';

describe.each(settings)('linear: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(sizes(1, 70), sizes(1, 70), sizes(1, 40), numbers, async (N, K, M, random) => {
        const [x, w, b, dy] = [random.normal(N * K), random.normal(M * K), random.normal(M), random.normal(N * M)];
        await expectOperation(
          (a, c, d) => linear(a!, c!, d),
          () => [tensor(x, N, K), tensor(w, M, K), tensor(b, M)],
          dy,
          linearReference(x, w, b, dy, [N, K, M]),
        );
      }),
      { numRuns: runs(name, 15) },
    );
  });

  it('is exact on integers over several depth blocks', async () => {
    // 600 = 256 + 256 + 88: partial sums cross block borders, and integers this small leave no room for rounding.
    const [N, K, M] = [13, 600, 19];
    const x = Array.from({ length: N * K }, (_, i) => (i % 7) - 3);
    const w = Array.from({ length: M * K }, (_, i) => (i % 5) - 2);
    const zeros = new Array<number>(M).fill(0);
    const expected = linearReference(x, w, zeros, new Array<number>(N * M).fill(1), [N, K, M]);
    expect(await values(tf.tidy(() => linear(tensor(x, N, K), tensor(w, M, K))))).toEqual(expected.value);
  });
});

describe('linear: rows by themselves', () => {
  beforeAll(async () => {
    await useBackend('wasm', { threads: 2 });
    await installKernels({ engine: 'wasm' });
  });

  it('gives a row the same bits among any number of others, on either side of the border between two ways', async () => {
    await fc.assert(
      fc.asyncProperty(sizes(2, 150), sizes(1, 600), sizes(1, 40), numbers, async (N, K, M, random) => {
        const [x, w] = [random.normal(N * K), tensor(random.normal(M * K), M, K)];
        const together = await values(tf.tidy(() => linear(tensor(x, N, K), w)));
        for (const some of [independentRows(), 7, 9, 64, 65].filter((count) => count <= N)) {
          const last = await values(tf.tidy(() => linear(tensor(x.slice((N - some) * K), some, K), w)));
          expectSameBits(last, together.slice((N - some) * M));
        }
        w.dispose();
      }),
      { numRuns: 20 },
    );
  });
});

describe('linear: errors', () => {
  it('names the argument whose shape is wrong', () => {
    expect(() => linear(tf.zeros([2, 3]), tf.zeros([4, 5]))).toThrow(ShapeError);
    expect(() => linear(tf.zeros([2, 3]), tf.zeros([4, 5]))).toThrow(
      'linear: weight must have shape [·, 3], got [4, 5]',
    );
    expect(() => linear(tf.zeros([2, 3]), tf.zeros([4, 3]), tf.zeros([3]))).toThrow('linear: bias must have shape [4]');
  });
});
