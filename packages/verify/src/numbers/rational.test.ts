import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import {
  add,
  bitLength,
  divide,
  equal,
  integer,
  isInteger,
  multiply,
  negate,
  parseDecimal,
  power,
  type Rational,
  rational,
  root,
  toNumber,
} from './rational.ts';

const budget = () => createBudget(1e9);
const big = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const fraction = fc
  .tuple(
    big,
    big.filter((d) => d !== 0n),
  )
  .map(([n, d]) => rational(n, d, budget())!);
const same = (a: Rational | undefined, b: Rational | undefined) => a !== undefined && b !== undefined && equal(a, b);

test('a field: commutative, associative, distributive, with inverses', () => {
  fc.assert(
    fc.property(fraction, fraction, fraction, (a, b, c) => {
      const z = budget();
      expect(same(add(a, b, z), add(b, a, z))).toBe(true);
      expect(same(multiply(a, add(b, c, z)!, z), add(multiply(a, b, z)!, multiply(a, c, z)!, z))).toBe(true);
      expect(same(add(a, negate(a), z), integer(0))).toBe(true);
      if (b.n !== 0n) expect(same(multiply(divide(a, b, z)!, b, z), a)).toBe(true);
    }),
  );
});

test('always in lowest terms with a positive denominator', () => {
  expect(rational(6n, -8n, budget())).toEqual({ n: -3n, d: 4n });
  expect(rational(1n, 0n, budget())).toBeUndefined();
  expect(isInteger(rational(6n, 3n, budget())!)).toBe(true);
});

test('roots exist where they are rational', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.integer({ min: 1, max: 7 }), (x, m) => {
      const z = budget();
      expect(root({ n: x ** BigInt(m), d: 1n }, m, z)?.n).toBe(x);
    }),
  );
  expect(root(integer(2), 2, budget())).toBeUndefined();
  expect(root(integer(-8), 3, budget())?.n).toBe(-2n);
  expect(root(integer(-4), 2, budget())).toBeUndefined();
});

test('powers are refused before they are computed', () => {
  expect(power(integer(2), 100, budget())?.n).toBe(2n ** 100n);
  expect(power(integer(9), 9 ** 9, budget())).toBeUndefined();
  expect(power(integer(-1), 1_000_000_001, budget())?.n).toBe(-1n);
  expect(power(integer(0), -1, budget())).toBeUndefined();
  expect(power(rational(2n, 3n, budget())!, -2, budget())).toEqual({ n: 9n, d: 4n });
});

test('doubles: near, also beyond their range', () => {
  expect(toNumber({ n: 1n, d: 3n })).toBe(1 / 3);
  expect(toNumber({ n: 10n ** 400n, d: 10n ** 399n * 3n })).toBeCloseTo(10 / 3, 14);
  expect(toNumber({ n: 10n ** 400n, d: 1n })).toBe(Number.POSITIVE_INFINITY);
  expect(toNumber({ n: -1n, d: 10n ** 400n })).toBeCloseTo(0, 300);
});

test('decimal literals are exact', () => {
  expect(parseDecimal('-12.50', budget())).toEqual({ n: -25n, d: 2n });
  expect(parseDecimal('1.2e-3', budget())).toEqual({ n: 3n, d: 2500n });
  expect(parseDecimal('.5', budget())).toEqual({ n: 1n, d: 2n });
  for (const text of ['', '.', '1.2.3', 'x', '1e999999']) expect(parseDecimal(text, budget()), text).toBeUndefined();
});

test('bit lengths are right to within four', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), (x) => Math.abs(bitLength(x) - x.toString(2).length) <= 4),
  );
});
