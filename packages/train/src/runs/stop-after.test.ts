import { describe, expect, it } from 'vitest';
import { collect } from '../test-support/collect.ts';
import { descent } from '../test-support/descent.ts';
import { stopAfter } from './stop-after.ts';

describe('stopAfter', () => {
  it('ends after so many steps, and computes none beyond', async () => {
    const results = await collect(stopAfter(descent([1, 1, Number.NaN]), 2));
    expect(results.map(({ report }) => report.step)).toEqual([1, 2]);
  });

  it('refuses what is no count', async () => {
    await expect(collect(stopAfter(descent([1]), 0))).rejects.toThrow(
      'stopAfter: steps must be a whole number ≥ 1, got 0',
    );
  });
});
