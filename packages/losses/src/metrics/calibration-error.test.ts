import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { calibrationError } from './calibration-error.ts';

describe('calibrationError', () => {
  it('by hand: two bins, one right on average, one off by half', () => {
    // Bin [−1, 0): values −0.5, −0.5, outcomes mean −1: gap 0.5. Bin [0, 1]: 0 and 1, outcomes mean 0.5: gap 0.
    expect(calibrationError([-0.5, -0.5, 0, 1], [-1, -1, 1, 0], { bins: 2 })).toBeCloseTo(0.25, 12);
  });

  it.prop([fc.array(fc.constantFrom(-1, 1), { minLength: 1, maxLength: 50 })])(
    'the truth is calibrated; one bin sees only the mean',
    (outcomes) => {
      expect(calibrationError(outcomes, outcomes)).toBe(0);
      const mean = outcomes.reduce((a, b) => a + b, 0) / outcomes.length;
      const constant = outcomes.map(() => mean);
      expect(calibrationError(constant, outcomes, { bins: 1 })).toBeCloseTo(0, 12);
    },
  );

  it('counts values beyond the range in the outermost bins; a value that is no number gives no number', () => {
    expect(calibrationError([-3, 5], [-1, 1])).toBeCloseTo(3, 12);
    expect(calibrationError([Number.NaN, 0.5], [1, 1])).toBeNaN();
  });

  it('refuses bad options', () => {
    expect(() => calibrationError([0], [0], { bins: 0 })).toThrow(
      'calibrationError: bins must be a whole number ≥ 1, got 0',
    );
    expect(() => calibrationError([0], [0], { range: [1, 1] })).toThrow('low < high, got [1, 1]');
    expect(() => calibrationError([0], [0], { bin: 3 } as never)).toThrow("unknown option 'bin'");
  });
});
