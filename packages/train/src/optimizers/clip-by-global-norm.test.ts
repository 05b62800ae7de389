import { fc, it } from '@fast-check/vitest';
import { tf } from '@svo/tensor';
import { describe, expect } from 'vitest';
import { clipByGlobalNorm } from './clip-by-global-norm.ts';

const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
const clip = (values: readonly number[], maxNorm: number, known: boolean) =>
  tf.tidy(() => {
    const half = Math.ceil(values.length / 2);
    const gradients = { a: tf.tensor1d(values.slice(0, half)), b: tf.tensor1d(values.slice(half)) };
    const gradientNorm = known ? norm(values) : undefined;
    const updated = clipByGlobalNorm(maxNorm).update({ gradients, gradientNorm, params: {}, state: {}, step: 0 });
    const scale = updated.gradientScale ?? 1;
    const clipped = [...updated.gradients.a!.dataSync(), ...updated.gradients.b!.dataSync()].map((x) => x * scale);
    return { norm: updated.gradientNorm, values: clipped };
  });

describe('clipByGlobalNorm', () => {
  const numbers = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 9 });

  it.prop([numbers, fc.double({ min: 0.01, max: 50, noNaN: true }), fc.boolean()])(
    'bounds the norm, keeps directions, leaves small gradients alone, whether the norm is known or not',
    (values, maxNorm, known) => {
      const clipped = clip(values, maxNorm, known).values;
      const scale = Math.min(1, maxNorm / (norm(values) + 1e-6));
      for (const [i, value] of clipped.entries())
        expect(Math.abs(value - values[i]! * scale)).toBeLessThan(1e-4 * (1 + Math.abs(values[i]!)));
      expect(norm(clipped)).toBeLessThan(maxNorm * (1 + 1e-4));
    },
  );

  it('hands on the norm it made', () => {
    expect(clip([3, 4], 1, true).norm).toBeCloseTo(1, 5);
    expect(clip([3, 4], 10, true).norm).toBe(5);
    expect(clip([3, 4], 10, false).norm).toBeUndefined();
  });

  it('refuses a bound that is none', () => {
    expect(() => clipByGlobalNorm(0)).toThrow('clipByGlobalNorm: maxNorm must be > 0, got 0');
  });
});
