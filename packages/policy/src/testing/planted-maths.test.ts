import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backup, softmax } from './planted-maths.ts';

const logits = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 6 });

describe('softmax', () => {
  it('sums to 1, keeps the order, and is uniform at scale 0', () => {
    fc.assert(
      fc.property(logits, (list) => {
        const p = softmax(list, 1);
        expect(p.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
        for (let a = 1; a < list.length; a++)
          if (list[a]! > list[a - 1]!) expect(p[a]).toBeGreaterThanOrEqual(p[a - 1]!);
        expect(softmax(list, 0).every((x) => Math.abs(x - 1 / list.length) < 1e-12)).toBe(true);
      }),
    );
  });
});

describe('backup', () => {
  it('is the mean, the maximum, or between them the soft value, which tends to each', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const p = softmax(
          values.map((_, at) => at % 3),
          1,
        );
        const mean = values.reduce((sum, value, at) => sum + p[at]! * value, 0);
        const most = Math.max(...values);
        expect(backup(p, values, 'policy')).toBeCloseTo(mean, 12);
        expect(backup(p, values, 'optimal')).toBe(most);
        expect(backup(p, values, { beta: 1e4 })).toBeCloseTo(mean, 2);
        expect(backup(p, values, { beta: 1e-3 })).toBeCloseTo(most, 1);
      }),
    );
  });
});
