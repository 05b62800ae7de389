import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Approx,
  arcsin,
  arctan,
  cos,
  exp,
  finite,
  isReal,
  log,
  minus,
  over,
  plus,
  pow,
  real,
  realRoot,
  sin,
  size,
  sqrt,
  times,
} from './complex.ts';

const part = fc.double({ min: -20, max: 20, noNaN: true });
const number = fc.tuple(part, part).map(([re, im]): Approx => ({ re, im, err: 0 }));
const near = (a: Approx, b: Approx): boolean => size(plus(a, minus(b))) <= 4 * (a.err + b.err) + 1e-15;

test('identities hold within the error that is carried along', () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(near(times(a, b), times(b, a))).toBe(true);
      if (size(b) > 1e-3) expect(near(times(over(a, b), b), a)).toBe(true);
      expect(near(plus(times(sin(a), sin(a)), times(cos(a), cos(a))), real(1)) || size(sin(a)) > 1e6).toBe(true);
      const root = sqrt(a);
      expect(near(times(root, root), a)).toBe(true);
      if (size(a) > 1e-3) expect(near(exp(log(a)), a)).toBe(true);
    }),
  );
});

test('the error covers cancellation', () => {
  const lost = plus(real(1e16), minus(real(1e16 - 2)));
  expect(Math.abs(lost.re - 2)).toBeLessThanOrEqual(lost.err);
  expect(lost.err).toBeGreaterThan(1);
});

test('what has no value is not finite', () => {
  expect(finite(over(real(1), real(0)))).toBe(false);
  expect(finite(log(real(0)))).toBe(false);
  expect(finite(pow(real(0), real(-1)))).toBe(false);
  expect(finite(exp(real(1000)))).toBe(false);
});

test('roots, powers and inverse functions', () => {
  expect(realRoot(real(-27), 3).re).toBeCloseTo(-3, 14);
  expect(pow(real(2), real(0.5)).re).toBeCloseTo(Math.SQRT2, 15);
  expect(pow({ re: 0, im: 1, err: 0 }, real(2, 0))).toMatchObject({ re: -1, im: 0 });
  expect(arctan(real(1)).re).toBeCloseTo(Math.PI / 4, 15);
  expect(arcsin(real(2)).re).toBeCloseTo(Math.PI / 2, 12);
  expect(isReal(sqrt(real(-1)))).toBe(false);
});
