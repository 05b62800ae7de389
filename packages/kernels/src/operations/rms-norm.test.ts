import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectOperation, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { rmsNormReference } from '../test-support/reference.ts';
import { rmsNorm } from './rms-norm.ts';

describe.each(settings)('rmsNorm: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes(1, 300),
        sizes(1, 70),
        fc.constantFrom(1e-6, 1e-5, 0.5),
        numbers,
        async (N, D, epsilon, random) => {
          const [x, w, dy] = [random.normal(N * D), random.normal(D), random.normal(N * D)];
          const rows = Array.from({ length: N }, (_, n) => x.slice(n * D, n * D + D));
          // A row close to zero has a steep gradient, whose terms nearly cancel.
          const steepness = Math.max(
            1,
            ...rows.map((row) => 1 / Math.sqrt(row.reduce((a, v) => a + v * v, 0) / D + epsilon)),
          );
          await expectOperation(
            (a, b) => rmsNorm(a!, b!, epsilon),
            () => [tensor(x, N, D), tensor(w, D)],
            dy,
            rmsNormReference(x, w, epsilon, dy, [N, D]),
            steepness,
          );
        },
      ),
      { numRuns: runs(name, 15) },
    );
  });

  it('uses epsilon: a zero row stays zero', async () => {
    expect(await values(tf.tidy(() => rmsNorm(tf.zeros([1, 9]), tf.ones([9]), 1e-5)))).toEqual(new Array(9).fill(0));
  });
});

describe('rmsNorm: errors', () => {
  it('names what is wrong', () => {
    expect(() => rmsNorm(tf.zeros([2, 3]), tf.zeros([2]))).toThrow('rmsNorm: weight must have shape [3], got [2]');
    expect(() => rmsNorm(tf.zeros([2, 3]), tf.zeros([3]), -1)).toThrow('rmsNorm: epsilon must be ≥ 0, got -1');
  });
});
