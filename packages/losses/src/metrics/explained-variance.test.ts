import { describe, expect, it } from 'vitest';
import { explainedVariance } from './explained-variance.ts';

describe('explainedVariance', () => {
  it('is 1 for the truth, 0 for a constant, and below for worse', () => {
    const targets = [1, -1, 1, 1, -1];
    const opposite = targets.map((x) => -x);
    expect(explainedVariance(targets, targets)).toBe(1);
    expect(explainedVariance([3, 3, 3, 3, 3], targets)).toBeCloseTo(0, 12);
    expect(explainedVariance(opposite, targets)).toBeCloseTo(-3, 12);
  });

  it('does not blame a constant offset, as the variance does not see it', () => {
    expect(explainedVariance([2, 0], [1, -1])).toBe(1);
  });

  it('is NaN when there is nothing to explain, also where the mean of equal targets is rounded', () => {
    expect(explainedVariance([1, 2], [1, 1])).toBeNaN();
    expect(explainedVariance([1, 2, 3], [0.1, 0.1, 0.1])).toBeNaN();
    expect(explainedVariance([0.5], [0.5])).toBeNaN();
  });

  it('refuses what does not pair up', () => {
    expect(() => explainedVariance([1], [1, 2])).toThrow(
      'explainedVariance: values and targets must be of one length ≥ 1, got 1 and 2',
    );
    expect(() => explainedVariance([], [])).toThrow('got 0 and 0');
  });
});
