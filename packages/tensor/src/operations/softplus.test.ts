import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { logSigmoid, softplus } from './softplus.ts';

const x = fc.double({ min: -80, max: 80, noNaN: true }).map(Math.fround);
const exact = (at: number): number => Math.max(at, 0) + Math.log1p(Math.exp(-Math.abs(at)));
const at = (f: typeof softplus, value: number): number => f(tf.tensor1d([value])).dataSync()[0]!;

onBackend('softplus, logSigmoid', () => {
  test('law: log(1 + eˣ) to 1e-5 relative, tiny results too', () => {
    fc.assert(
      fc.property(x, (value) => {
        expect(Math.abs(at(softplus, value) - exact(value))).toBeLessThanOrEqual(1e-5 * exact(value) + 1e-37);
        expect(Math.abs(at(logSigmoid, value) + exact(-value))).toBeLessThanOrEqual(1e-5 * exact(-value) + 1e-37);
      }),
    );
  });

  test('law: softplus(x) − softplus(−x) = x', () => {
    fc.assert(
      fc.property(x, (value) => {
        expect(Math.abs(at(softplus, value) - at(softplus, -value) - value)).toBeLessThan(
          1e-5 * Math.max(1, Math.abs(value)),
        );
      }),
    );
  });

  test('law: the gradients are σ(x) and σ(−x)', () => {
    fc.assert(
      fc.property(x, (value) => {
        const input = tf.tensor1d([value]);
        const sigma = 1 / (1 + Math.exp(-value));
        expect(
          tf
            .grad((z) => tf.sum(softplus(z)))(input)
            .dataSync()[0],
        ).toBeCloseTo(sigma, 5);
        expect(
          tf
            .grad((z) => tf.sum(logSigmoid(z)))(input)
            .dataSync()[0],
        ).toBeCloseTo(1 - sigma, 5);
      }),
    );
  });

  test('golden logsigmoid: never −∞, never NaN', () => {
    expect([-800, -40, 0].map((value) => at(logSigmoid, value))).toEqual([-800, -40, Math.fround(-Math.LN2)]);
    expect(Math.abs(at(logSigmoid, 800))).toBe(0);
    expect(at(logSigmoid, 40) / -4.248354255291589e-18).toBeCloseTo(1, 4);
  });

  test('NaN stays NaN', () => {
    expect(at(softplus, Number.NaN)).toBeNaN();
    expect(at(logSigmoid, Number.NaN)).toBeNaN();
  });
});
