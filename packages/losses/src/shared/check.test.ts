import { expect, test } from 'vitest';
import {
  assertFinite,
  assertNormalizer,
  assertNotNegative,
  assertOneOf,
  assertPositive,
  assertRange,
} from './check.ts';

const refused = (check: () => void): string => {
  try {
    check();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return (error as RangeError).message;
  }
  return 'accepted';
};

test('each check accepts its range and refuses the rest, NaN included', () => {
  expect(refused(() => assertPositive('f', 'x', 1e-300, 'hint'))).toBe('accepted');
  expect(refused(() => assertPositive('f', 'x', 0, 'hint'))).toBe('f: x must be a finite number > 0, got 0 (hint)');
  expect(refused(() => assertRange('f', 'x', 1, { low: 0, high: 1, open: 'none' }))).toBe('accepted');
  expect(refused(() => assertRange('f', 'x', Number.NaN, { low: 0, high: 1, open: 'none' }))).toBe(
    'f: x must be in [0, 1], got NaN',
  );
  expect(refused(() => assertRange('f', 'x', 0, { low: 0, high: 0.5, open: 'high' }))).toBe('accepted');
  expect(refused(() => assertRange('f', 'x', 0.5, { low: 0, high: 0.5, open: 'high' }))).toBe(
    'f: x must be in [0, 0.5), got 0.5',
  );
  expect(refused(() => assertRange('f', 'x', 0.5, { low: 0, high: 1, open: 'both' }))).toBe('accepted');
  expect(refused(() => assertRange('f', 'x', 0, { low: 0, high: 1, open: 'both' }))).toBe(
    'f: x must be in (0, 1), got 0',
  );
  expect(refused(() => assertOneOf('f', 'x', 'a', ['a', 'b']))).toBe('accepted');
  expect(refused(() => assertOneOf('f', 'x', 'c', ['a', 'b']))).toBe(`f: x must be 'a' | 'b', got "c"`);
  expect(refused(() => assertOneOf('f', 'x', 'old', ['a', 'b'], { old: 'b' }))).toBe(
    `f: x must be 'a' | 'b', got "old" (it is called 'b' now)`,
  );
  expect(refused(() => assertFinite('f', 'x', -3))).toBe('accepted');
  expect(refused(() => assertFinite('f', 'x', Number.NEGATIVE_INFINITY))).toBe(
    'f: x must be a finite number, got -Infinity',
  );
  expect(refused(() => assertNotNegative('f', 'x', 0))).toBe('accepted');
  expect(refused(() => assertNotNegative('f', 'x', -0.1))).toBe('f: x must be a finite number ≥ 0, got -0.1');
  expect(refused(() => assertNormalizer('f', undefined))).toBe('accepted');
  expect(refused(() => assertNormalizer('f', 0))).toContain('f: normalizer must be a finite number > 0, got 0');
});
