/** The decoder, the data and the loop together on the fused kernels: no leak over 1,000 steps, and a resume to the very bits. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batches, type Cursor, type Example } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dvoLoss } from '@svo/losses';
import { causalLm } from '@svo/models';
import { stepLogps, tf, useBackend } from '@svo/tensor';
import {
  adamw,
  chain,
  clipByGlobalNorm,
  initialTrainState,
  loadCheckpoint,
  saveCheckpoint,
  type TrainState,
  train,
  trainStep,
} from '@svo/train';
import { beforeAll, describe, expect, it } from 'vitest';

const lm = causalLm({
  model_type: 'qwen3',
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
});
/** Lengths differ, so shapes change from batch to batch. */
const examples: Example[] = Array.from({ length: 24 }, (_, i) => ({
  ids: Array.from({ length: 6 + (i % 9) }, (_, t) => (i * 5 + t * 3) % 32),
  stepIds: Array.from({ length: 6 + (i % 9) }, (_, t) => (t < 3 ? -1 : Math.floor((t - 3) / 3))),
  credits: Array.from({ length: Math.ceil((3 + (i % 9)) / 3) }, (_, s) => ((i + s) % 3) / 2 - 0.5),
  terminal: true,
  referenceLogps: Array.from({ length: Math.ceil((3 + (i % 9)) / 3) }, () => -9),
}));
const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: 1e-3 }));
const step = trainStep<Batch>(
  (params, { ids, stepIds, ...batch }, { host }) =>
    dvoLoss({
      ...batch,
      policyLogps: stepLogps(lm.tokenLogps(params, ids, { scored: host.stepIds }), stepIds, batch.mask.shape[1]!),
    }),
  optimizer,
);
const data = (epochs: number, cursor?: Cursor) =>
  batches(examples, { batchSize: 5, seed: 2, epochs, padId: 0, ...(cursor && { cursor }) });

describe('training on the wasm kernels', () => {
  beforeAll(async () => {
    await useBackend('wasm', { threads: 2 });
    await installKernels();
  });

  it('holds the same tensors after each of 1,000 steps', async () => {
    const counts = new Set<number>();
    let steps = 0;
    for await (const { state } of train(initialTrainState(lm.init(1), optimizer), data(200), step)) {
      steps = state.step;
      if (steps > 5) counts.add(tf.memory().numTensors);
    }
    expect(steps).toBe(1000);
    expect(counts.size).toBe(1);
  });

  it('resumed in the middle of an epoch, in any order the data had, ends with the very bits of a straight run', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'svo-kernels-'));
    const finish = async (start: TrainState, from: Iterable<Batch>, saveAt?: number): Promise<string> => {
      let last = start;
      for await (const { state } of train(start, from, step)) {
        last = state;
        if (state.step === saveAt) await saveCheckpoint(dir, state);
      }
      const all = await Promise.all(
        Object.values(last.params).map(async (tensor) => [...new Uint32Array((await tensor.data()).slice().buffer)]),
      );
      return JSON.stringify({ all, step: last.step, tokens: last.tokens, cursor: last.cursor });
    };
    const straight = await finish(initialTrainState(lm.init(1), optimizer), data(3), 7);
    const resumed = await loadCheckpoint(dir);
    expect(resumed.step).toBe(7);
    expect(await finish(resumed, data(3, resumed.cursor as unknown as Cursor))).toBe(straight);
  });
});
