/** The loop of `@svo/train` drives a server as it drives a model here: the same batches, sinks, evaluation, checkpoints and resume. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batches } from '@svo/data';
import { dvoLoss } from '@svo/losses';
import { applyLora, initLora } from '@svo/models';
import { stepLogps, type Tensor, tf } from '@svo/tensor';
import {
  accumulate,
  adamw,
  initialTrainState,
  type LossFunction,
  linearSchedule,
  logTo,
  type Report,
  type Run,
  stopAfter,
  train,
  trainStep,
  warmup,
  withEarlyStop,
  withEvaluation,
} from '@svo/train';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TinkerModel } from '../model/model.ts';
import { randomRows, useWasm, withServer } from '../test-support/setting.ts';
import type { Fault } from '../testing/faults.ts';
import { loadTinkerCheckpoint, tinkerStart, withTinkerCheckpoints } from '../train/checkpoints.ts';
import { tinkerStep } from '../train/tinker-step.ts';

beforeAll(useWasm);

const rank = 4;
const seed = 3;
const examples = randomRows(10, 21).map((ids, row) => ({
  ids,
  stepIds: ids.map((_, t) => (t === 0 ? -1 : (t - 1) >> 1)),
  credits: Array.from({ length: Math.ceil((ids.length - 1) / 2) }, (_, s) => Math.cos(row + s)),
  referenceLogps: Array.from({ length: Math.ceil((ids.length - 1) / 2) }, () => -6),
  terminal: true,
}));
const order = { batchSize: 2, seed: 5, padId: 0, multipleOf: 4, epochs: 2 };
const rate = warmup(2, linearSchedule({ from: 4e-3, to: 1e-3, steps: 10 }));
const stepsOf = (batch: Batch): number => batch.mask.data.reduce((sum, x) => sum + x, 0);
/** The same loss for a model here and one on a server. */
const lossOf =
  (lm: Pick<TinkerModel, 'tokenLogps'>): LossFunction<Batch> =>
  (params, { ids, stepIds, mask, credits, referenceLogps }, { host, normalizer }) => {
    const tokenLogps = lm.tokenLogps(params, ids, { scored: host.stepIds });
    const policyLogps = stepLogps(tokenLogps, stepIds, mask.shape[1]!);
    const inputs = { policyLogps, referenceLogps, credits, mask };
    return { loss: dvoLoss(inputs, { beta: 0.1, normalizer: normalizer! }), seen: stepsHere(mask) };
  };
const stepsHere = (mask: Tensor): number => mask.size;

/** Everything around a run, for the reports that come out. */
async function reportsOf(run: Run): Promise<Report[]> {
  const reports: Report[] = [];
  const watched = withEvaluation(stopAfter(run, 4), { every: 2, evaluate: async ({ step }) => ({ loss: 1 / step }) });
  const stopped = withEarlyStop(watched, { patience: 3 });
  for await (const _ of logTo(stopped, (report) => reports.push(report)));
  return reports;
}

describe.each(['sum', 'mean'] as const)('a server that takes the %s', (reduction) => {
  test('gives the reports of training here, window by window', async () => {
    await withServer({ reduction }, async (server, service) => {
      const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
      const there = tinkerStep(model, lossOf(model), { learningRate: rate, count: stepsOf });
      const settings = { rank, alpha: 32 };
      const lm = applyLora(server.lm, settings);
      const optimizer = adamw({ learningRate: rate });
      const here = trainStep<Batch>(
        lossOf({
          ...lm,
          tokenLogps: (params, ids, options) => lm.tokenLogps({ ...server.params, ...params }, ids, options),
        }),
        optimizer,
        { count: stepsOf },
      );
      const start = initialTrainState(initLora(server.lm, settings, seed), optimizer);
      const windows = () => accumulate(batches(examples, order), 2);
      const local = await reportsOf(train(start, windows(), here));
      const remote = await reportsOf(train(tinkerStart(), windows(), there));
      expect(remote.length).toBe(local.length);
      for (const [i, report] of remote.entries()) {
        expect(Math.abs(report.loss / local[i]!.loss - 1)).toBeLessThan(1e-6);
        for (const name of ['step', 'learning_rate', 'num_tokens', 'eval_loss', 'seen', 'early_stop/best_step'])
          expect(report[name], `${name} of report ${i}`).toBe(local[i]![name]);
      }
    });
  });
});

test('a run that was cut off goes on from its checkpoint as one that was not', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'svo-tinker-'));
  await withServer({}, async (server, service) => {
    const run = async (from: Awaited<ReturnType<typeof service.createModel>>, start = tinkerStart(), most = 9) => {
      const step = tinkerStep(from, lossOf(from), { learningRate: rate, count: stepsOf });
      const data = batches(examples, { ...order, ...(start.cursor !== undefined && { cursor: start.cursor }) });
      const saved = withTinkerCheckpoints(stopAfter(train(start, data, step), most), {
        model: from,
        dir: join(dir, 'last'),
        every: 2,
        name: `run-${from.id}`,
      });
      const losses: number[] = [];
      for await (const { report } of saved) losses.push(report.loss);
      return losses;
    };
    const whole = await run(await service.createModel({ baseModel: server.baseModel, rank, seed }));
    const first = await run(await service.createModel({ baseModel: server.baseModel, rank, seed }), tinkerStart(), 5);
    const { path, state } = await loadTinkerCheckpoint(join(dir, 'last'));
    expect(state.step).toBe(5);
    const second = await run(await service.resume(path), state, 9);
    expect([...first, ...second]).toEqual(whole);
  });
  await rm(dir, { recursive: true });
});

test('a caller who breaks out gets a last save, and goes on from it as if nothing had happened', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'svo-tinker-'));
  await withServer({}, async (server, service) => {
    const fresh = () => service.createModel({ baseModel: server.baseModel, rank, seed });
    const saved = (model: TinkerModel, start = tinkerStart()) => {
      const step = tinkerStep(model, lossOf(model), { learningRate: rate, count: stepsOf });
      const data = batches(examples, { ...order, ...(start.cursor !== undefined && { cursor: start.cursor }) });
      const run = train(start, data, step);
      return withTinkerCheckpoints(run, { model, dir: join(dir, 'last'), every: 100, name: 'run' });
    };
    const losses = async (run: Run, most: number): Promise<number[]> => {
      const seen: number[] = [];
      for await (const { report, state } of run) {
        seen.push(report.loss);
        if (state.step === most) break;
      }
      return seen;
    };
    const whole = await losses(saved(await fresh()), 7);
    const first = await losses(saved(await fresh()), 3);
    const { path, state } = await loadTinkerCheckpoint(join(dir, 'last'));
    expect(state.step).toBe(3);
    const rest = await losses(stopAfter(saved(await service.resume(path), state), 7), 99);
    expect([...first, ...rest]).toEqual(whole);
    expect((await loadTinkerCheckpoint(join(dir, 'last'))).state.step).toBe(7);
  });
  await rm(dir, { recursive: true });
});

test('the state from before a step that diverged is saved; after any other error nothing is', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'svo-tinker-'));
  let fault: Fault | undefined;
  await withServer({ faults: ({ path }) => (path === 'optim_step' ? fault : undefined) }, async (server, service) => {
    const run = async (name: string, loss: (model: TinkerModel) => LossFunction<Batch>) => {
      const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
      const steps = train(
        tinkerStart(),
        batches(examples, order),
        tinkerStep(model, loss(model), { learningRate: rate }),
      );
      const options = { model, dir: join(dir, name), every: 100, name };
      for await (const _ of withTinkerCheckpoints(steps, options)) fault = name === 'failed' ? 'fail' : undefined;
    };
    const diverging =
      (model: TinkerModel): LossFunction<Batch> =>
      (params, { ids }, { step }) =>
        tf.mul(tf.mean(model.tokenLogps(params, ids)), step < 2 ? -1 : Number.NaN);
    const error = await run('diverged', diverging).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'DivergenceError',
      step: 2,
      batchIds: [expect.any(String), expect.any(String)],
    });
    const { path, state } = await loadTinkerCheckpoint(join(dir, 'diverged'));
    expect([state.step, (error as { checkpoint?: string }).checkpoint]).toEqual([2, path]);
    const plain =
      (model: TinkerModel): LossFunction<Batch> =>
      (params, { ids }) =>
        tf.mul(tf.mean(model.tokenLogps(params, ids)), -1);
    await expect(run('failed', plain)).rejects.toThrow('ran out of memory');
    await expect(loadTinkerCheckpoint(join(dir, 'failed'))).rejects.toThrow();
  });
  await rm(dir, { recursive: true });
});

test('a loss that is no number is refused before anything is sent', async () => {
  await withServer({}, async (server, service) => {
    const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
    const step = tinkerStep<Batch>(
      model,
      (params, { ids }) => tf.mul(tf.sum(model.tokenLogps(params, ids)), Number.NaN),
      { learningRate: 1e-3 },
    );
    const [batch] = batches(examples, order);
    await expect(step(tinkerStart(), batch!)).rejects.toThrow('tinkerStep: training diverged at step 0');
    expect(server.calls).not.toContain('forward_backward');
    expect(model.updates()).toBe(0);
  });
});
