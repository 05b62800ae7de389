import { describe, expect, it } from 'vitest';
import { collect } from '../test-support/collect.ts';
import { descent } from '../test-support/descent.ts';
import { withEvaluation } from './with-evaluation.ts';

describe('withEvaluation', () => {
  it('measures every so many steps, with eval_ before each name', async () => {
    const evaluate = async ({ params }: { params: { w?: { dataSync(): ArrayLike<number> } } }) => ({
      loss: params.w!.dataSync()[0]!,
    });
    const run = withEvaluation(descent([1, 1, 1, 1]), { every: 2, evaluate });
    const results = await collect(run);
    expect(results.map(({ report }) => report.eval_loss)).toEqual([undefined, 0.25, undefined, 0.0625]);
    expect(results[1]!.report.loss).toBe(0.25);
  });

  it('refuses what is no count', async () => {
    const run = withEvaluation(descent([1]), { every: 0.5, evaluate: async () => ({}) });
    await expect(collect(run)).rejects.toThrow('withEvaluation: every must be a whole number ≥ 1, got 0.5');
  });
});
