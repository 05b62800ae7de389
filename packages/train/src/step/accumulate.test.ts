import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { collect } from '../test-support/collect.ts';
import { accumulate } from './accumulate.ts';

describe('accumulate', () => {
  it.prop([fc.array(fc.integer()), fc.integer({ min: 1, max: 7 })])(
    'drops nothing, keeps the order, fills every window but the last',
    async (batches, size) => {
      const windows = await collect(accumulate(batches, size));
      expect(windows.flat()).toEqual(batches);
      for (const window of windows.slice(0, -1)) expect(window).toHaveLength(size);
      expect(windows.every((window) => window.length > 0)).toBe(true);
    },
  );

  it('refuses what is no count', async () => {
    await expect(collect(accumulate([1], 0))).rejects.toThrow('accumulate: size must be a whole number ≥ 1, got 0');
  });
});
