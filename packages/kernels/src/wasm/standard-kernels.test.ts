import { tf, useBackend } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { installKernels } from '../install.ts';
import { distance, tensor } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';

beforeAll(async () => {
  await useBackend('wasm', { threads: 2 });
  await installKernels({ threads: 2, engine: 'wasm' });
});

describe('matMul on our product', () => {
  /** Σₖ a[i, k] b[k, j] of one pair of matrices in float64. */
  const product = (
    a: (i: number, k: number) => number,
    b: (k: number, j: number) => number,
    [M, K, N]: [number, number, number],
  ) =>
    Array.from({ length: M * N }, (_, at) => {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += a(Math.floor(at / N), k) * b(k, at % N);
      return sum;
    });

  it('equals float64 for any sizes, transpositions and batches', () => {
    const batches = fc.constantFrom<[number[], number[]][]>(
      [[], []],
      [[3], [3]],
      [[1], [4]],
      [[4], [1]],
      [
        [2, 1],
        [1, 3],
      ],
      [[2, 3], [3]],
      [[], [2]],
    );
    fc.assert(
      fc.property(
        sizes(1, 40),
        sizes(1, 40),
        sizes(1, 40),
        fc.boolean(),
        fc.boolean(),
        batches,
        numbers,
        (M, K, N, ta, tb, [ba, bb], random) => {
          tf.tidy(() => {
            const count = (shape: number[]) => shape.reduce((p, q) => p * q, 1);
            const [a, b] = [random.normal(count(ba) * M * K), random.normal(count(bb) * K * N)];
            const [x, y] = [tensor(a, ...ba, ...(ta ? [K, M] : [M, K])), tensor(b, ...bb, ...(tb ? [N, K] : [K, N]))];
            const batch = tf.broadcast_util.assertAndGetBroadcastShape(ba, bb);
            const place = (shape: number[]) =>
              Array.from(
                tf
                  .broadcastTo(
                    tensor(
                      Array.from({ length: count(shape) }, (_, i) => i),
                      ...(shape.length ? shape : [1]),
                    ),
                    batch.length ? batch : [1],
                  )
                  .dataSync(),
              );
            const [pa, pb] = [place(ba), place(bb)];
            const due = pa.flatMap((ia, n) =>
              product(
                (i, k) => a[ia * M * K + (ta ? k * M + i : i * K + k)]!,
                (k, j) => b[pb[n]! * K * N + (tb ? j * K + k : k * N + j)]!,
                [M, K, N],
              ),
            );
            const got = tf.matMul(x, y, ta, tb);
            expect(got.shape).toEqual([...batch, M, N]);
            expect(distance(got.dataSync(), due)).toBeLessThan(1e-5);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('accepts empty matrices', () => {
    expect(tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])).shape).toEqual([0, 2]);
    expect(Array.from(tf.matMul(tf.zeros([1, 0]), tf.zeros([0, 2])).dataSync())).toEqual([0, 0]);
  });
});

describe('add and multiply', () => {
  it('are exact for equal shapes, and broadcast and keep integers as before', () => {
    fc.assert(
      fc.property(sizes(1, 70), sizes(1, 5), numbers, (n, m, random) => {
        tf.tidy(() => {
          const [a, b] = [random.normal(n * m), random.normal(n * m)];
          const [x, y] = [tensor(a, m, n), tensor(b, m, n)];
          expect(Array.from(tf.add(x, y).dataSync())).toEqual(a.map((v, i) => Math.fround(v + b[i]!)));
          expect(Array.from(tf.mul(x, y).dataSync())).toEqual(a.map((v, i) => Math.fround(v * b[i]!)));
          const row = tensor(a.slice(0, n), n);
          expect(Array.from(tf.add(y, row).dataSync())).toEqual(b.map((v, i) => Math.fround(v + a[i % n]!)));
        });
      }),
    );
    const integers = tf.tensor1d([1, 2], 'int32');
    expect(tf.add(integers, integers).dtype).toBe('int32');
    expect(Array.from(tf.mul(integers, integers).dataSync())).toEqual([1, 4]);
  });
});

describe('views', () => {
  it('reshape and clone copy nothing and count references', () => {
    const before = tf.memory();
    const x = tf.tensor1d([1, 2, 3, 4, 5, 6]);
    const [view, clone] = [tf.reshape(x, [2, -1]), x.clone()];
    expect(view.shape).toEqual([2, 3]);
    x.dispose();
    expect(Array.from(view.dataSync())).toEqual([1, 2, 3, 4, 5, 6]);
    view.dispose();
    expect(Array.from(clone.dataSync())).toEqual([1, 2, 3, 4, 5, 6]);
    clone.dispose();
    expect(tf.memory().numBytes).toBe(before.numBytes);
  });
});
