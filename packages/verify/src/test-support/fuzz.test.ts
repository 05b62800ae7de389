import { expect, test } from 'vitest';
import { fuzzCase, stream } from './fuzz.ts';

test('case n is always the same, and cases differ', () => {
  expect(fuzzCase(1, 5)).toEqual(fuzzCase(1, 5));
  const texts = new Set(Array.from({ length: 500 }, (_, n) => fuzzCase(1, n).prediction));
  expect(texts.size).toBeGreaterThan(400);
});

test('all three sorts occur, and numbers lie in [0, 1)', () => {
  const expected = Array.from({ length: 500 }, (_, n) => fuzzCase(3, n).expected);
  for (const sort of [true, false, undefined]) expect(expected).toContain(sort);
  const draw = stream(9);
  for (let i = 0; i < 1000; i++) {
    const u = draw();
    expect(u >= 0 && u < 1).toBe(true);
  }
});
