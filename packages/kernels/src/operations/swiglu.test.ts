import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectOperation, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { swigluReference } from '../test-support/reference.ts';
import { swiglu } from './swiglu.ts';

describe.each(settings)('swiglu: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(sizes(1, 70), sizes(1, 70), numbers, async (N, F, random) => {
        const [gate, up, dy] = [random.normal(N * F, 4), random.normal(N * F), random.normal(N * F)];
        await expectOperation(
          (a, b) => swiglu(a!, b!),
          () => [tensor(gate, N, F), tensor(up, N, F)],
          dy,
          swigluReference(gate, up, dy),
        );
      }),
      { numRuns: runs(name, 20) },
    );
  });

  it('keeps its limits far out: 0 to the left, gate · up to the right, NaN where the input is NaN', async () => {
    const gate = [-200, 200, Number.NaN, 0, -200, 200, Number.NaN, 0, -200, 200];
    const y = await values(tf.tidy(() => swiglu(tensor(gate, 1, 10), tf.ones([1, 10]))));
    expect(Math.abs(y[0]!)).toBeLessThan(1e-30);
    expect(y[9]).toBeCloseTo(200, 3);
    expect(y[2]).toBeNaN();
    expect(y[3]).toBe(0);
  });
});

describe('swiglu: errors', () => {
  it('wants equal shapes', () => {
    expect(() => swiglu(tf.zeros([2, 3]), tf.zeros([3, 2]))).toThrow('swiglu: up must have shape [2, 3], got [3, 2]');
  });
});
