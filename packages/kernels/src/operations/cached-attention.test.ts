import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, integers, settings, tensor } from '../testing/backends.ts';
import { numbers } from '../testing/random.ts';
import { attentionReference } from '../testing/reference.ts';
import { cachedAttention } from './cached-attention.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 12 }),
  keyValueHeads: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  headDim: fc.constantFrom(2, 4, 8, 16, 20),
  window: fc.option(fc.integer({ min: 1, max: 14 })),
});

describe.each(settings)('cachedAttention: $name', ({ name, start }) => {
  beforeAll(start);

  it('token by token, gives what attention over the whole sequence gives', () => {
    fc.assert(
      fc.property(shapes, numbers, ({ rows, length, keyValueHeads, group, headDim, window }, random) => {
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
        tf.tidy(() => {
          const room = length + 3;
          const caches = { keyCache: tf.fill([rows, room, E], Number.NaN), valueCache: tf.zeros([rows, room, E]) };
          if (name.includes('composites')) caches.keyCache = tf.zeros([rows, room, E]);
          const [cos, sin] = [Math.cos, Math.sin].map((f) => tensor(angles.map(f), length, headDim / 2));
          for (let t = 0; t < length; t++) {
            const at = (x: number[], width: number) =>
              tensor(
                Array.from({ length: rows }, (_, r) =>
                  x.slice((r * length + t) * width, (r * length + t + 1) * width),
                ).flat(),
                rows,
                width,
              );
            const token = {
              query: at(q, D),
              key: at(k, E),
              value: at(v, E),
              positions: integers(new Array(rows).fill(t)),
            };
            const shape = { heads, keyValueHeads, headDim, ...(window === null ? {} : { window }) };
            const y = cachedAttention({ ...token, ...caches, cos: cos!, sin: sin! }, shape);
            const due = Array.from({ length: rows }, (_, r) =>
              expected.slice((r * length + t) * D, (r * length + t + 1) * D),
            ).flat();
            expect(distance(y.dataSync(), due)).toBeLessThan(1e-5);
          }
        });
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: 8 },
    );
  });

  it('lets each row stand at its own position', () => {
    tf.tidy(() => {
      const caches = { keyCache: tf.zeros([2, 4, 2]), valueCache: tf.zeros([2, 4, 2]) };
      const tables = { cos: tf.ones([4, 1]), sin: tf.zeros([4, 1]) };
      const token = { query: tf.zeros([2, 2]), key: tf.zeros([2, 2]), value: tensor([6, 6, 6, 6], 2, 2) };
      const y = cachedAttention(
        { ...token, ...caches, ...tables, positions: integers([0, 2]) },
        { heads: 1, keyValueHeads: 1, headDim: 2 },
      );
      expect(distance(y.dataSync(), [6, 6, 2, 2])).toBeLessThan(1e-6);
      expect(Array.from(caches.valueCache.dataSync())).toEqual([6, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 6, 0, 0]);
    });
  });

  it.runIf(name.includes('kernels'))('refuses a position outside the cache', () => {
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
