import { fc, it } from '@fast-check/vitest';
import { createRng, uniforms } from '@svo/mdp';
import { tf } from '@svo/tensor';
import { describe, expect } from 'vitest';
import { calibrationError, explainedVariance, valueMetrics } from './value-metrics.ts';

describe('explainedVariance', () => {
  it('is 1 for the truth, 0 for a constant, and below for worse', () => {
    const targets = [1, -1, 1, 1, -1];
    expect(explainedVariance(targets, targets)).toBe(1);
    expect(explainedVariance([3, 3, 3, 3, 3], targets)).toBeCloseTo(0, 12);
    expect(
      explainedVariance(
        targets.map((x) => -x),
        targets,
      ),
    ).toBeCloseTo(-3, 12);
  });

  it('does not blame a constant offset, as the variance does not see it', () => {
    expect(explainedVariance([2, 0], [1, -1])).toBe(1);
  });

  it('is NaN when there is nothing to explain, and refuses what does not pair up', () => {
    expect(explainedVariance([1, 2], [1, 1])).toBeNaN();
    expect(() => explainedVariance([1], [1, 2])).toThrow(
      'explainedVariance: values and targets must be of one length ≥ 1, got 1 and 2',
    );
    expect(() => explainedVariance([], [])).toThrow('got 0 and 0');
  });
});

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
      expect(
        calibrationError(
          outcomes.map(() => mean),
          outcomes,
          { bins: 1 },
        ),
      ).toBeCloseTo(0, 12);
    },
  );

  it('counts values beyond the range in the outermost bins', () => {
    expect(calibrationError([-3, 5], [-1, 1])).toBeCloseTo(3, 12);
  });

  it('refuses bad options', () => {
    expect(() => calibrationError([0], [0], { bins: 0 })).toThrow(
      'calibrationError: bins must be a whole number ≥ 1, got 0',
    );
    expect(() => calibrationError([0], [0], { range: [1, 1] })).toThrow('low < high, got [1, 1]');
  });
});

describe('valueMetrics', () => {
  it('are explainedVariance and calibrationError of the valid places, whatever stands in the others', () => {
    const draws = uniforms(createRng(4), 60);
    const values = Array.from(draws.subarray(0, 30), (u) => 3 * u - 1.5);
    const targets = Array.from(draws.subarray(30), (u, i) => (u < 0.5 ? -1 : 1) * (i % 7 === 0 ? 0.5 : 1));
    const mask = values.map((_, i) => Number(i % 4 !== 3));
    const grid = (numbers: number[]) =>
      tf.tensor2d(
        numbers.map((x, i) => (mask[i] ? x : Number.NaN)),
        [5, 6],
      );
    const metrics = valueMetrics({ values: grid(values), targets: grid(targets), mask: tf.tensor2d(mask, [5, 6]) });
    const valid = (numbers: number[]): number[] => numbers.filter((_, i) => mask[i]);
    const got = (name: string): number => metrics[name]!.dataSync()[0]!;
    expect(got('values/mean')).toBeCloseTo(valid(values).reduce((a, b) => a + b) / valid(values).length, 6);
    expect(got('values/explained_variance')).toBeCloseTo(explainedVariance(valid(values), valid(targets)), 5);
    expect(got('values/calibration_error')).toBeCloseTo(calibrationError(valid(values), valid(targets)), 6);
  });

  it('explain nothing where targets do not vary, or nothing is valid', () => {
    const row = (...x: number[]) => tf.tensor2d([x]);
    const metrics = valueMetrics({ values: row(0.5, 0.5), targets: row(1, 1), mask: row(0, 0) });
    expect(metrics['values/mean']!.dataSync()[0]).toBe(0);
    expect(metrics['values/explained_variance']!.dataSync()[0]).toBeNaN();
  });
});
