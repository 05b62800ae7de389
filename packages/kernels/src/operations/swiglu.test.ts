import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectOperation, settings, tensor } from '../testing/backends.ts';
import { numbers, sizes } from '../testing/random.ts';
import { swigluReference } from '../testing/reference.ts';
import { swiglu } from './swiglu.ts';

describe.each(settings)('swiglu: $name', ({ start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any sizes', () => {
    fc.assert(
      fc.property(sizes(1, 70), sizes(1, 70), numbers, (N, F, random) => {
        const [gate, up, dy] = [random.normal(N * F, 4), random.normal(N * F), random.normal(N * F)];
        expectOperation(
          (a, b) => swiglu(a!, b!),
          () => [tensor(gate, N, F), tensor(up, N, F)],
          dy,
          swigluReference(gate, up, dy),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('keeps its limits far out: 0 to the left, gate · up to the right, NaN where the input is NaN', () => {
    const gate = [-200, 200, Number.NaN, 0, -200, 200, Number.NaN, 0, -200, 200];
    const y = tf.tidy(() => Array.from(swiglu(tensor(gate, 1, 10), tf.ones([1, 10])).dataSync()));
    expect(Math.abs(y[0]!)).toBeLessThan(1e-30);
    expect(y[9]).toBe(200);
    expect(y[2]).toBeNaN();
    expect(y[3]).toBe(0);
  });
});

describe('swiglu: errors', () => {
  it('wants equal shapes', () => {
    expect(() => swiglu(tf.zeros([2, 3]), tf.zeros([3, 2]))).toThrow('swiglu: up must have shape [2, 3], got [3, 2]');
  });
});
