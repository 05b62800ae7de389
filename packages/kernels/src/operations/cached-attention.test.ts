import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, integers, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers } from '../test-support/random.ts';
import { attentionReference } from '../test-support/reference.ts';
import { cachedAttention } from './cached-attention.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 12 }),
  keyValueHeads: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  headDim: fc.constantFrom(2, 4, 8, 16, 20, 34, 72),
  window: fc.option(fc.integer({ min: 1, max: 14 })),
});

describe.each(settings)('cachedAttention: $name', ({ name, start }) => {
  beforeAll(start);

  it('token by token, gives what attention over the whole sequence gives', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, numbers, async ({ rows, length, keyValueHeads, group, headDim, window }, random) => {
        const heads = keyValueHeads * group;
        const [D, E] = [heads * headDim, keyValueHeads * headDim];
        const [q, k, v] = [
          random.normal(rows * length * D),
          random.normal(rows * length * E),
          random.normal(rows * length * E),
        ];
        const angles = random.normal((length * headDim) / 2, 3);
        const full = { batch: rows, length, heads, keyValueHeads, headDim, window: window ?? length };
        const { value: expected } = attentionReference(
          q,
          k,
          v,
          angles,
          q.map(() => 0),
          full,
        );
        const before = tf.memory().numTensors;
        const room = length + 3;
        // What lies beyond a row's position must not matter to the kernels; the composites multiply it by zero.
        const unused = name.includes('kernels') ? Number.NaN : 0;
        const caches = { keyCache: tf.fill([rows, room, E], unused), valueCache: tf.zeros([rows, room, E]) };
        const tables = {
          cos: tensor(angles.map(Math.cos), length, headDim / 2),
          sin: tensor(angles.map(Math.sin), length, headDim / 2),
        };
        const shape = { heads, keyValueHeads, headDim, ...(window === null ? {} : { window }) };
        const at = (x: number[], t: number, width: number): number[] =>
          Array.from({ length: rows }, (_, r) =>
            x.slice((r * length + t) * width, (r * length + t + 1) * width),
          ).flat();
        for (let t = 0; t < length; t++) {
          const y = tf.tidy(() => {
            const token = {
              query: tensor(at(q, t, D), rows, D),
              key: tensor(at(k, t, E), rows, E),
              value: tensor(at(v, t, E), rows, E),
            };
            return cachedAttention(
              { ...token, ...caches, ...tables, positions: integers(new Array(rows).fill(t)) },
              shape,
            );
          });
          expect(distance(await values(y), at([...expected], t, D))).toBeLessThan(1e-5);
        }
        tf.dispose([caches, tables]);
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: runs(name, 8) },
    );
  });

  it('lets each row stand at its own position', async () => {
    const caches = { keyCache: tf.zeros([2, 4, 2]), valueCache: tf.zeros([2, 4, 2]) };
    const y = tf.tidy(() => {
      const tables = { cos: tf.ones([4, 1]), sin: tf.zeros([4, 1]) };
      const token = { query: tf.zeros([2, 2]), key: tf.zeros([2, 2]), value: tensor([6, 6, 6, 6], 2, 2) };
      const shape = { heads: 1, keyValueHeads: 1, headDim: 2 };
      return cachedAttention({ ...token, ...caches, ...tables, positions: integers([0, 2]) }, shape);
    });
    expect(distance(await values(y), [6, 6, 2, 2])).toBeLessThan(1e-6);
    expect(await values(caches.valueCache)).toEqual([6, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 6, 0, 0]);
    caches.keyCache.dispose();
  });

  it.runIf(/^(wasm|tensorflow), kernels/.test(name))('refuses a position outside the cache', () => {
    const inputs = {
      query: tf.zeros([1, 2]),
      key: tf.zeros([1, 2]),
      value: tf.zeros([1, 2]),
      keyCache: tf.zeros([1, 4, 2]),
      valueCache: tf.zeros([1, 4, 2]),
      cos: tf.ones([9, 1]),
      sin: tf.zeros([9, 1]),
      positions: integers([4]),
    };
    expect(() => cachedAttention(inputs, { heads: 1, keyValueHeads: 1, headDim: 2 })).toThrow(
      'cachedAttention: positions[0] must lie in 0 … 3, got 4',
    );
  });
});
