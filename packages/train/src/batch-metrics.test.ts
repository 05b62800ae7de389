import { expect, it } from 'vitest';
import { batchMetrics, rowsOf, tokensOf } from './batch-metrics.ts';

it('reads tokens, rows, epoch and steps from a batch that has them, and nothing from one that has not', () => {
  const batch = {
    ids: { shape: [2, 5] },
    lengths: [5, 3],
    rows: [7, 2],
    cursor: { epoch: 1, batch: 3, batchSize: 2, examples: 12 },
    mask: { data: new Float32Array([1, 1, 1, 0]), shape: [2, 2] },
  };
  expect(tokensOf(batch)).toEqual({ real: 8, padded: 10 });
  expect(tokensOf({ ids: { shape: [2, 5] } })).toEqual({ real: 10, padded: 10 });
  expect(rowsOf(batch)).toEqual(['7', '2']);
  expect(batchMetrics(batch)).toEqual({ epoch: 1.5, 'steps/per_example': 1.5 });
  expect([tokensOf({}), rowsOf({}), batchMetrics({})]).toEqual([{ real: 0, padded: 0 }, [], {}]);
});
