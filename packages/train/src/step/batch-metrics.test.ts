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
  expect(batchMetrics([batch])).toEqual({ epoch: 1.5, 'steps/per_example': 1.5 });
  expect([tokensOf({}), rowsOf({}), batchMetrics([{}])]).toEqual([{ real: 0, padded: 0 }, [], {}]);
});

it('counts steps, and those that were cut off, over a whole window of micro-batches', () => {
  const grid = (...steps: number[]) => ({ data: Float32Array.from(steps), shape: [1, steps.length] });
  const window = [
    { mask: grid(1, 1, 1), droppedSteps: [0] },
    { mask: grid(1, 0, 0), droppedSteps: [4] },
  ];
  expect(batchMetrics(window)).toEqual({ 'steps/per_example': 2, 'truncated/fraction': 0.5 });
  // Sides of pairs: each kept one step.
  expect(batchMetrics([{ droppedSteps: [0, 1, 0] }])).toEqual({ 'truncated/fraction': 0.25 });
  expect(batchMetrics([{ droppedSteps: [0, 0] }])).toEqual({ 'truncated/fraction': 0 });
});
