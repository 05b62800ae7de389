import { evaluate, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAll } from '../testing/arrays.ts';
import { inOperations, onBackend } from '../testing/backend.ts';
import { isClose } from '../testing/close.ts';
import { exponentialExcess, oneMinusExp } from './small-exponents.ts';

const exponent = fc
  .tuple(fc.double({ min: -6, max: 1.9, noNaN: true }), fc.constantFrom(-1, 1))
  .map(([power, sign]) => Math.fround(sign * 10 ** power));

onBackend('small exponents', () => {
  const both = async (x: number): Promise<number[]> => {
    const results = await readAll(() => {
      const input = { x: tf.tensor1d([x]) };
      return [
        evaluate(input, [1], (math, at) => oneMinusExp(math, at.x)),
        evaluate(input, [1], (math, at) => exponentialExcess(math, at.x)),
      ];
    });
    return results.flat();
  };

  test('law: 1 − e^{−x} and e^{−x} + x − 1 keep their digits from 1e-6 to 80', () =>
    fc.assert(
      fc.asyncProperty(exponent, async (x) => {
        const [difference, excess] = await both(x);
        const series = x * x * (0.5 - x / 6 + (x * x) / 24 - x ** 3 / 120);
        const exact = Math.abs(x) < 1e-2 ? series : Math.expm1(-x) + x;
        const relative = inOperations ? 1e-4 : 1e-6;
        expect(isClose(difference, -Math.expm1(-x), relative, 0)).toBe(true);
        expect(isClose(excess, exact, relative, 0)).toBe(true);
      }),
    ));

  test('edge: 0 at 0, infinite where float32 ends, NaN stays', async () => {
    expect(await both(0)).toEqual([0, 0]);
    expect(await both(-1e5)).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(await both(1e5)).toEqual([1, 99999]);
    expect(await both(Number.NaN)).toEqual([Number.NaN, Number.NaN]);
  });
});
