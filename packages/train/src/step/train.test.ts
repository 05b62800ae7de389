import { describe, expect, it } from 'vitest';
import { descent } from '../test-support/descent.ts';

describe('train', () => {
  it('hands each state to the next step, and every result to the caller', async () => {
    const seen: number[] = [];
    for await (const { state, report } of descent([1, 1, 1])) {
      expect(report.step).toBe(state.step);
      seen.push(state.params.w!.dataSync()[0]!);
    }
    expect(seen).toEqual([0.5, 0.25, 0.125]);
  });

  it('does no step that was not asked for', async () => {
    for await (const { state } of descent([1, Number.NaN])) {
      expect(state.step).toBe(1);
      break;
    }
  });
});
