import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawIndex } from './draw-index.ts';

it('is the index whose stretch holds u', () => {
  expect([0, 0.24, 0.25, 0.74, 0.75, 0.99].map((u) => drawIndex([0.25, 0.5, 0.25], u))).toEqual([0, 0, 1, 1, 2, 2]);
});

it('is always an index, and never one of probability 0 below the last', () => {
  const weights = fc
    .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 })
    .filter((list) => list.some((w) => w > 0));
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, u) => {
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const index = drawIndex(
        list.map((weight) => weight / total),
        u,
      );
      expect(index).toBeGreaterThanOrEqual(0);
      expect(index).toBeLessThan(list.length);
      if (index < list.length - 1) expect(list[index]).toBeGreaterThan(0);
    }),
  );
});
