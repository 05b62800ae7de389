import { tf, useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { smallLm } from '../test-support/small-models.ts';
import { decodeBatch } from './decode-batch.ts';

beforeAll(async () => {
  await useBackend('cpu');
});

test('results are in the order of the jobs, one for each, however early the others finish', async () => {
  const lm = smallLm();
  const params = lm.init(1);
  const shared = [3, 9];
  const jobs = [[1], shared, shared, [4, 5, 6]].map((prompt, index) => ({
    prompt,
    draws: new Float64Array(9).fill(index / 4),
  }));
  const alone = await Promise.all(
    jobs.map(async (job) => (await decodeBatch(lm, params, [job], { maxTokens: 9, stopIds: [0, 2, 4, 6, 8] }))[0]!),
  );
  expect(new Set(alone.map(({ ids }) => ids.length)).size).toBeGreaterThan(1);
  const before = tf.memory().numTensors;
  expect(await decodeBatch(lm, params, jobs, { maxTokens: 9, stopIds: [0, 2, 4, 6, 8] })).toEqual(alone);
  expect(tf.memory().numTensors).toBe(before);
});

test('one token needs no cache beyond the prompt', async () => {
  const lm = smallLm();
  const [only] = await decodeBatch(lm, lm.init(1), [{ prompt: [5], draws: Float64Array.of(0.5) }], {
    maxTokens: 1,
  });
  expect([only?.ids.length, only?.finish]).toEqual([1, 'length']);
});
