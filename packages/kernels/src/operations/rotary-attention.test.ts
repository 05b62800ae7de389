import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, expectOperation, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { attentionReference } from '../test-support/reference.ts';
import { rotaryAttention } from './rotary-attention.ts';

const shapes = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  length: sizes(1, 65),
  keyValueHeads: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  headDim: fc.constantFrom(2, 4, 6, 8, 12, 16, 20, 32),
  window: fc.option(fc.integer({ min: 1, max: 70 })),
  /** How long the examples of a row are, over and over; none for rows that are one sequence. */
  segments: fc.option(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 })),
});

/** Where each of `length` tokens' example begins, for every row of the batch. */
const startsOf = (segments: readonly number[], batch: number, length: number): number[] => {
  const row: number[] = [];
  for (let next = 0; row.length < length; next++)
    row.push(...new Array<number>(segments[next % segments.length]!).fill(row.length));
  return Array.from({ length: batch }, () => row.slice(0, length)).flat();
};

describe.each(settings)('rotaryAttention: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any length, grouped heads, any even headDim, any window, rows of several examples', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, numbers, async ({ group, window, segments, ...rest }, random) => {
        const shape = { ...rest, heads: rest.keyValueHeads * group };
        const { batch, length, heads, keyValueHeads, headDim } = shape;
        const [N, D, E] = [batch * length, heads * headDim, keyValueHeads * headDim];
        const [q, k, v, dy] = [random.normal(N * D), random.normal(N * E), random.normal(N * E), random.normal(N * D)];
        const angles = random.normal((length * headDim) / 2, 3);
        const starts = segments ? startsOf(segments, batch, length) : undefined;
        const table = (f: (x: number) => number) => tensor(angles.map(f), length, headDim / 2);
        await expectOperation(
          (query, key, value) =>
            rotaryAttention(
              {
                query: query!,
                key: key!,
                value: value!,
                cos: table(Math.cos),
                sin: table(Math.sin),
                ...(starts && { starts: tf.tensor1d(starts, 'int32') }),
              },
              window === null ? shape : { ...shape, window },
            ),
          () => [tensor(q, N, D), tensor(k, N, E), tensor(v, N, E)],
          dy,
          attentionReference(q, k, v, angles, dy, { ...shape, window: window ?? length, ...(starts && { starts }) }),
        );
      }),
      { numRuns: runs(name, 12) },
    );
  });

  it('never looks ahead: what follows a position does not change its bits', async () => {
    const [length, headDim] = [50, 8];
    const shape = { batch: 1, length, heads: 1, keyValueHeads: 1, headDim };
    const run = (last: number): Promise<number[]> =>
      values(
        tf.tidy(() => {
          const x = Array.from({ length: length * headDim }, (_, i) =>
            i >= (length - 1) * headDim ? last : Math.sin(i),
          );
          const [cos, sin] = [tf.ones([length, headDim / 2]), tf.zeros([length, headDim / 2])];
          const all = tensor(x, length, headDim);
          return rotaryAttention({ query: all, key: all, value: all, cos, sin }, shape);
        }),
      );
    const kept = (length - 1) * headDim;
    const [before, after] = [await run(1), await run(-7)];
    expect(before.slice(0, kept)).toEqual(after.slice(0, kept));
    expect(distance(before.slice(kept), after.slice(kept))).toBeGreaterThan(0.1);
  });
});

describe('rotaryAttention: errors', () => {
  const inputs = () => ({
    query: tf.zeros([4, 8]),
    key: tf.zeros([4, 8]),
    value: tf.zeros([4, 8]),
    cos: tf.zeros([4, 2]),
    sin: tf.zeros([4, 2]),
  });
  const shape = { batch: 1, length: 4, heads: 2, keyValueHeads: 2, headDim: 4 };
  it('names what does not fit', () => {
    expect(() => rotaryAttention(inputs(), { ...shape, keyValueHeads: 3 })).toThrow(
      'keyValueHeads must divide heads = 2, got 3',
    );
    expect(() => rotaryAttention(inputs(), { ...shape, headDim: 3 })).toThrow('headDim must be even, got 3');
    expect(() => rotaryAttention(inputs(), { ...shape, window: 0 })).toThrow('window must be an integer ≥ 1, got 0');
    expect(() => rotaryAttention({ ...inputs(), cos: tf.zeros([4, 4]) }, shape)).toThrow(
      'rotaryAttention: cos must have shape [4, 2], got [4, 4]',
    );
    expect(() => rotaryAttention({ ...inputs(), starts: tf.zeros([2], 'int32') }, shape)).toThrow(
      'rotaryAttention: starts must have shape [4], got [2]',
    );
    expect(() => rotaryAttention({ ...inputs(), starts: tf.zeros([4]) }, shape)).toThrow('starts must be int32');
  });
});
