import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectOperation, integers, runs, settings, tensor } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { embeddingReference } from '../test-support/reference.ts';
import { embedding } from './embedding.ts';

describe.each(settings)('embedding: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient, repeated and absent ids included', async () => {
    await fc.assert(
      fc.asyncProperty(sizes(1, 40), sizes(1, 20), sizes(1, 70), numbers, async (N, V, D, random) => {
        const [weight, ids, dy] = [random.normal(V * D), random.below(N, V), random.normal(N * D)];
        await expectOperation(
          (w) => embedding(w!, integers(ids)),
          () => [tensor(weight, V, D)],
          dy,
          embeddingReference(weight, ids, dy, [V, D]),
        );
      }),
      { numRuns: runs(name, 20) },
    );
  });

  it.runIf(/^(wasm|tensorflow), kernels/.test(name))('refuses an id outside the table before memory is read', () => {
    expect(() => embedding(tf.zeros([3, 2]), integers([0, 3]))).toThrow('embedding: ids[1] must lie in 0 … 2, got 3');
    expect(() => embedding(tf.zeros([3, 2]), integers([-1]))).toThrow(RangeError);
  });
});

describe('embedding: errors', () => {
  it('wants integer ids', () => {
    expect(() => embedding(tf.zeros([3, 2]), tf.tensor1d([0]))).toThrow('embedding: ids must be int32, got float32');
  });
});
