import { expect, test } from 'vitest';
import { contextOf, read } from '../test-support/reading.ts';
import { real } from './complex.ts';
import { close, difference, sample, sampled, settingFor } from './sampling.ts';

test('points are the same in every run and lie where they are said to', () => {
  expect(sample('x', 0)).toBe(sample('x', 0));
  for (let t = 0; t < 6; t++) expect(sample('x', t)).toBeGreaterThan(0);
  for (let t = 9; t < 14; t++) expect(Number.isInteger(sample('x', t))).toBe(true);
  expect(settingFor(['x'], 3, contextOf()).values.get('x')?.re).toBe(sample('x', 3));
});

test('closeness within the errors; undecided when they drown the values', () => {
  expect(close(real(1), real(1 + 1e-16), 4, 0)).toBe(true);
  expect(close(real(1), real(1 + 1e-12), 4, 0)).toBe(false);
  expect(close(real(1, 0.1), real(1.05, 0.1), 4, 0)).toBeUndefined();
  expect(close(real(100), real(101), 4, 0.02)).toBe(true);
  expect(difference(real(3), real(1))).toBe(2);
});

test('equal on the common real domain is equal; elsewhere is not looked at', () => {
  const reading = {
    gold: Number.POSITIVE_INFINITY,
    prediction: Number.POSITIVE_INFINITY,
    logBase: 'e' as const,
    notes: { swallowed: false },
  };
  const same = (a: string, b: string) => sampled(read(a), read(b), ['x'], reading, contextOf());
  expect(same('\\ln(x^2)', '2\\ln x')).toBe(true);
  expect(same('\\sqrt{x^2}', 'x')).toBe(false);
  expect(same('1/x', '1/x+0')).toBe(true);
});
