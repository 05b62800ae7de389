import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { type Rows, rowsBatch, slice, squaredErrors, startWeights } from '../test-support/least-squares.ts';
import { evaluate } from './evaluate.ts';

describe('evaluate', () => {
  const count = (batch: Rows) => batch.y.data.length;
  const loss = (
    params: Parameters<typeof squaredErrors>[0],
    batch: Parameters<typeof squaredErrors>[1],
    { normalizer }: { normalizer: number | undefined },
  ) => ({
    loss: tf.div(squaredErrors(params, batch), normalizer!),
    one: 1,
  });

  it('gives the same number however the data is cut into batches, and leaks nothing', async () => {
    const params = startWeights();
    const all = rowsBatch(5, 7);
    const before = tf.memory().numTensors;
    const whole = await evaluate<Rows>(loss, params, [all], { count });
    const cut = await evaluate<Rows>(loss, params, [slice(all, 0, 1), slice(all, 1, 5), slice(all, 5, 7)], { count });
    expect(cut.loss).toBeCloseTo(whole.loss, 5);
    expect(cut.one).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an empty data set', async () => {
    await expect(evaluate<Rows>(loss, startWeights(), [])).rejects.toThrow(
      'evaluate: batches must hold at least one, got none',
    );
  });
});
