import { tf } from '@svo/tensor';
import { expect, it } from 'vitest';
import { uploadBatch } from './batch.ts';

it('uploadBatch makes tensors of host arrays, passes the rest on, and frees only what it made', () => {
  const own = tf.scalar(1);
  const before = tf.memory().numTensors;
  const { uploaded, dispose } = uploadBatch({
    ids: { data: new Int32Array([1, 2]), shape: [1, 2] },
    mask: { data: new Float32Array([0.5]), shape: [1] },
    own,
    rows: [3],
    cursor: { epoch: 1 },
  });
  expect([uploaded.ids.dtype, uploaded.ids.shape, uploaded.mask.dtype]).toEqual(['int32', [1, 2], 'float32']);
  expect([uploaded.rows, uploaded.cursor, uploaded.own]).toEqual([[3], { epoch: 1 }, own]);
  dispose();
  expect([tf.memory().numTensors, own.isDisposed]).toEqual([before, false]);
});
