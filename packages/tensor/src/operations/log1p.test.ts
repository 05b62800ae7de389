import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { accurateLog1p } from './log1p.ts';

onBackend('accurateLog1p', () => {
  test('law: to 1e-6 relative from 1e-30 to 1e4', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 4, noNaN: true }), (exponent) => {
        const x = Math.fround(10 ** exponent);
        const actual = accurateLog1p(tf.tensor1d([x])).dataSync()[0]!;
        expect(Math.abs(actual / Math.log1p(x) - 1)).toBeLessThan(1e-6);
      }),
    );
  });

  test('0 is 0, NaN stays', () => {
    const [zero, nan] = accurateLog1p(tf.tensor1d([0, Number.NaN])).dataSync();
    expect(zero).toBe(0);
    expect(nan).toBeNaN();
  });
});
