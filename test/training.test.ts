/**
 * One loop for every objective: `trainStep` and `train` know none of them. DPO, KTO, SVPO with its value head, DVO and DQO with
 * its alternating value network are trained here with the same pieces, and the promises about references are kept.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Batch,
  batches,
  type Example,
  type PairBatch,
  pairBatches,
  referenceCache,
  type UnpairedBatch,
  unpairedBatches,
} from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dpoLoss, dqoPolicyLoss, dqoValueLoss, dvoLoss, ktoLoss, pairMetrics, svpoLoss } from '@svo/losses';
import { applyLora, causalLm, initLora, valueHead, valueNetwork } from '@svo/models';
import { stepLogps, type Tensor, tf, useBackend, withoutGradient } from '@svo/tensor';
import {
  accumulate,
  adamw,
  chain,
  clipByGlobalNorm,
  copyParams,
  disposeTensors,
  initialTrainState,
  type LossFunction,
  type Params,
  type Report,
  sgd,
  train,
  trainStep,
} from '@svo/train';
import { beforeAll, describe, expect, it } from 'vitest';

const config = {
  model_type: 'llama',
  vocab_size: 16,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
} as const;
const lm = causalLm(config);
const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: 5e-3, weightDecay: 0 }));
const order = { batchSize: 4, seed: 3, padId: 0, epochs: 10 };

/** Two-step solutions of different lengths after a prompt; good ones end in 1, bad ones in 2. */
const example = (i: number, good: boolean): Example => ({
  ids: [3, 4 + (i % 5), 9, 10 + (i % 3), good ? 1 : 2, ...(i % 2 ? [15] : [])],
  stepIds: [-1, -1, 0, 0, 1, ...(i % 2 ? [1] : [])],
  credits: good ? [0.25, 0.5] : [-0.25, -0.5],
  terminal: true,
});
const trajectories = Array.from({ length: 8 }, (_, i) => example(i, i % 2 === 0));

/** log π of the scored tokens of each row [B]. */
const rowLogps = (params: Params, ids: Tensor, stepIds: Tensor, model = lm): Tensor =>
  tf.sum(model.tokenLogps(params, ids, { scored: stepIds }), 1);
/** The chosen and the rejected half of [2B]. */
const halves = (both: Tensor): [Tensor, Tensor] => tf.split(both, 2) as [Tensor, Tensor];

async function reportsOf<B extends object>(
  loss: LossFunction<B>,
  start: Params,
  data: Iterable<B>,
): Promise<{ reports: Report[]; params: Params }> {
  const reports: Report[] = [];
  let params = start;
  for await (const { state, report } of train(initialTrainState(start, optimizer), data, trainStep(loss, optimizer))) {
    reports.push(report);
    params = state.params;
  }
  return { reports, params };
}
const falls = (reports: readonly Report[]): void => {
  const part = Math.ceil(reports.length / 4);
  const mean = (some: readonly Report[]): number => some.reduce((sum, { loss }) => sum + loss, 0) / some.length;
  expect(mean(reports.slice(-part))).toBeLessThan(mean(reports.slice(0, part)));
};

beforeAll(async () => {
  await useBackend('wasm', { threads: 1 });
  await installKernels({ engine: 'wasm' });
});

describe('the same loop trains', () => {
  let reference: Params;
  beforeAll(() => {
    reference = lm.init(1);
  });
  const pairs = Array.from({ length: 8 }, (_, i) => ({
    chosen: { ...example(i, true), stepIds: example(i, true).stepIds.map((step) => Math.min(step, 0)), credits: [0] },
    rejected: {
      ...example(i, false),
      stepIds: example(i, false).stepIds.map((step) => Math.min(step, 0)),
      credits: [0],
    },
    chosenValue: 1,
    rejectedValue: -1,
  }));
  const pairInputs = (params: Params, { ids, stepIds }: { readonly ids: Tensor; readonly stepIds: Tensor }) => {
    const [policyChosenLogps, policyRejectedLogps] = halves(rowLogps(params, ids, stepIds));
    const [referenceChosenLogps, referenceRejectedLogps] = withoutGradient(() =>
      halves(rowLogps(reference, ids, stepIds)),
    );
    return { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
  };

  it('DPO, which starts at ln 2 with margins of 0 and learns to tell the sides apart', async () => {
    const loss: LossFunction<PairBatch> = (params, batch) => {
      const inputs = pairInputs(params, batch);
      return { loss: dpoLoss(inputs), ...pairMetrics(inputs) };
    };
    const { reports } = await reportsOf(loss, copyParams(reference), pairBatches(pairs, order));
    expect(reports[0]!.loss).toBeCloseTo(Math.LN2, 6);
    expect(reports[0]!['rewards/margins']).toBe(0);
    falls(reports);
    expect(reports.at(-1)!['rewards/accuracies']).toBe(1);
    expect(reports.at(-1)).toMatchObject({ epoch: 10, 'padding/fraction': expect.any(Number) });
  });

  it('KTO, whose batches bring their mismatched rows', async () => {
    const rows = trajectories.map((row, i) => ({
      example: { ...row, stepIds: row.stepIds.map((step) => Math.min(step, 0)), credits: [0] },
      label: i % 2 === 0,
    }));
    const loss: LossFunction<UnpairedBatch> = (params, { ids, stepIds, klIds, klStepIds, labels }) =>
      ktoLoss({
        policyLogps: rowLogps(params, ids, stepIds),
        referenceLogps: rowLogps(reference, ids, stepIds),
        policyKlLogps: rowLogps(params, klIds, klStepIds),
        referenceKlLogps: rowLogps(reference, klIds, klStepIds),
        labels,
      });
    const { reports } = await reportsOf(loss, copyParams(reference), unpairedBatches(rows, order));
    expect(reports[0]!.loss).toBeCloseTo(0.5, 6);
    falls(reports);
  });

  it('SVPO, whose value head learns beside the policy', async () => {
    const head = valueHead(lm);
    const loss: LossFunction<PairBatch> = (params, batch) => {
      const { logps, values } = head.logpsAndValues(params, batch.ids, batch.stepIds, 1);
      const [policyChosenLogps, policyRejectedLogps] = halves(tf.sum(logps, 1));
      const [chosenValues, rejectedValues] = halves(tf.reshape(values, [values.size]));
      const inputs = {
        ...pairInputs(reference, batch),
        policyChosenLogps,
        policyRejectedLogps,
        chosenValues,
        rejectedValues,
      };
      return { loss: svpoLoss(inputs), 'values/margins': tf.mean(tf.sub(chosenValues, rejectedValues)) };
    };
    const start = { ...copyParams(reference), ...head.init(2) };
    const { reports } = await reportsOf(loss, start, pairBatches(pairs, order));
    falls(reports);
    expect(reports.at(-1)!['values/margins']).toBeGreaterThan(0.4);
  });

  it('DQO, the policy and its value network taking turns, each with a state of its own', async () => {
    const network = valueNetwork(config);
    const inputsOf = (
      policy: Params,
      value: Params,
      { ids, stepIds }: { readonly ids: Tensor; readonly stepIds: Tensor },
    ) => {
      const mask = tf.cast(tf.greaterEqual(stepIds, 0), 'float32');
      const length = ids.shape[1]!;
      // V before token t is the value at token t − 1; the reward sits on the last token of the response.
      const values = tf.pad(tf.slice(network.tokenValues(value, ids), [0, 0], [-1, length - 1]), [
        [0, 0],
        [1, 0],
      ]);
      const after = tf.pad(tf.slice(mask, [0, 1], [-1, length - 1]), [
        [0, 0],
        [0, 1],
      ]);
      const good = tf.sub(tf.mul(tf.cast(tf.any(tf.equal(ids, 1), 1, true), 'float32'), 2), 1);
      return {
        policyLogps: lm.tokenLogps(policy, ids, { scored: stepIds }),
        referenceLogps: lm.tokenLogps(reference, ids, { scored: stepIds }),
        rewards: tf.mul(tf.mul(mask, tf.sub(1, after)), good),
        values,
        mask,
      };
    };
    let policy = initialTrainState(copyParams(reference), optimizer);
    let value = initialTrainState(network.init(5), optimizer);
    const policyStep = trainStep<Batch>(
      (params, batch) => dqoPolicyLoss(inputsOf(params, value.params, batch)),
      optimizer,
    );
    const valueStep = trainStep<Batch>(
      (params, batch) => dqoValueLoss(inputsOf(policy.params, params, batch)),
      optimizer,
    );
    const reports: Report[] = [];
    const tensors: number[] = [];
    for (const batch of batches(trajectories, { ...order, epochs: 20 })) {
      const valued = await valueStep(value, batch);
      value = valued.state;
      ({ state: policy } = await policyStep(policy, batch));
      reports.push(valued.report);
      tensors.push(tf.memory().numTensors);
    }
    falls(reports);
    expect(value.step).toBe(policy.step);
    expect(new Set(tensors.slice(2)).size).toBe(1);
  });
});

describe('references', () => {
  const dvo =
    (reference: Params | undefined): LossFunction<Batch> =>
    (params, { ids, stepIds, ...batch }, { normalizer }) => {
      const steps = batch.mask.shape[1]!;
      const policyLogps = stepLogps(lm.tokenLogps(params, ids, { scored: stepIds }), stepIds, steps);
      const online = reference && stepLogps(lm.tokenLogps(reference, ids, { scored: stepIds }), stepIds, steps);
      return dvoLoss(
        { ...batch, policyLogps, ...(online && { referenceLogps: online }) },
        normalizer === undefined ? {} : { normalizer },
      );
    };

  it('from the cache train as online ones do, bit for bit, and are computed once', async () => {
    const reference = lm.init(1);
    const cache = await referenceCache(await mkdtemp(join(tmpdir(), 'svo-reference-')), { weights: 'init-1' });
    const compute = async (missing: readonly Example[]): Promise<number[][]> => {
      const [batch] = batches(missing, { ...order, batchSize: missing.length, epochs: 1, shuffled: false });
      const ids = tf.tensor2d(batch!.ids.data, batch!.ids.shape as [number, number], 'int32');
      const stepIds = tf.tensor2d(batch!.stepIds.data, batch!.stepIds.shape as [number, number], 'int32');
      return stepLogps(lm.tokenLogps(reference, ids, { scored: stepIds }), stepIds, 2).array() as Promise<number[][]>;
    };
    const first = await cache.fill(trajectories, compute);
    expect([first.hits, first.misses]).toEqual([0, trajectories.length]);
    const { examples, hits } = await cache.fill(trajectories, compute);
    expect(hits).toBe(trajectories.length);
    const online = await reportsOf(dvo(reference), copyParams(reference), batches(trajectories, order));
    const cached = await reportsOf(dvo(undefined), copyParams(reference), batches(examples, order));
    expect(cached.reports.map(({ loss }) => loss)).toEqual(online.reports.map(({ loss }) => loss));
  });

  it('are the adapters switched off, for LoRA: ln 2 and margins of 0 at first, and only adapters train', async () => {
    const base = lm.init(1);
    const settings = { rank: 2, alpha: 4 };
    const adapted = applyLora(lm, settings);
    const adapters = initLora(lm, settings, 7);
    const frozen = await Promise.all(Object.values(base).map((tensor) => tensor.data()));
    const loss: LossFunction<Batch> = (params, { ids, stepIds }) => {
      const [policyChosenLogps, policyRejectedLogps] = halves(rowLogps({ ...base, ...params }, ids, stepIds, adapted));
      const [referenceChosenLogps, referenceRejectedLogps] = halves(rowLogps(base, ids, stepIds, adapted));
      const inputs = { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
      return { loss: dpoLoss(inputs), ...pairMetrics(inputs) };
    };
    const sorted = [...trajectories.filter((_, i) => i % 2 === 0), ...trajectories.filter((_, i) => i % 2 === 1)];
    const everything = Array.from(
      { length: 12 },
      () => [...batches(sorted, { ...order, batchSize: 8, epochs: 1, shuffled: false })][0]!,
    );
    const { reports, params } = await reportsOf(loss, adapters, everything);
    expect(reports[0]!.loss).toBeCloseTo(Math.LN2, 6);
    expect(reports[0]!['rewards/margins']).toBe(0);
    falls(reports);
    expect(Object.keys(params).every((name) => name.includes('lora'))).toBe(true);
    expect(await Promise.all(Object.values(base).map((tensor) => tensor.data()))).toEqual(frozen);
  });

  it('and accumulation: micro-batches of uneven rows make the update of the big batch', async () => {
    const reference = lm.init(1);
    const plain = sgd({ learningRate: 0.1 });
    const step = trainStep<Batch>(dvo(reference), plain, { count: ({ ids }) => ids.shape[0]! });
    const finalOf = async (size: number, window: number): Promise<number[]> => {
      const data = batches(trajectories, { ...order, epochs: 2, batchSize: size, shuffled: false });
      let params: Params = {};
      for await (const { state } of train(initialTrainState(lm.init(9), plain), accumulate(data, window), step))
        params = state.params;
      const all = await Promise.all(Object.values(params).map((tensor) => tensor.data()));
      disposeTensors(params);
      return all.flatMap((values) => [...values]);
    };
    const big = await finalOf(8, 1);
    for (const [size, window] of [
      [1, 8],
      [2, 4],
      [3, 3],
    ]) {
      const small = await finalOf(size!, window!);
      expect(Math.max(...small.map((value, i) => Math.abs(value - big[i]!)))).toBeLessThan(1e-6);
    }
  });
});
