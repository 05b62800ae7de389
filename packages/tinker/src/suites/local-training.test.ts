/** Training over a server is training here: the same model, the same loss, the same optimizer, to 1e-6. */
import { applyLora, initLora } from '@svo/models';
import { type Tensor, tf } from '@svo/tensor';
import { adamw, initialTrainState, trainStep } from '@svo/train';
import { beforeAll, describe, expect, test } from 'vitest';
import { dvoOf, randomRows, useWasm, withServer } from '../test-support/setting.ts';
import type { LocalTinker } from '../testing/local-tinker.ts';

beforeAll(useWasm);

const adam = { learningRate: 2e-3 };
const [rank, seed, updates] = [4, 7, 5];

/** Losses and the last log-probs of training on this machine. */
async function here(server: LocalTinker, rows: readonly number[][]): Promise<{ losses: number[]; logps: number[][] }> {
  const settings = { rank, alpha: 32 };
  const lm = applyLora(server.lm, settings);
  const width = Math.max(...rows.map(({ length }) => length));
  const ids = tf.tensor2d(
    rows.map((row) => [...row, ...new Array<number>(width - row.length).fill(0)]),
    undefined,
    'int32',
  );
  const grid = (adapters: Readonly<Record<string, Tensor>>): Tensor =>
    lm.tokenLogps({ ...server.params, ...adapters }, ids);
  const optimizer = adamw(adam);
  let state = initialTrainState(initLora(server.lm, settings, seed), optimizer);
  const cut = (values: Tensor): number[][] =>
    (values.arraySync() as number[][]).map((row, i) => row.slice(0, rows[i]!.length));
  const loss = dvoOf(rows, cut(grid(state.params)));
  const step = trainStep<object>((params) => {
    // What pads a row is scored by nobody.
    const real = tf.tensor2d(rows.map((row) => Array.from({ length: width }, (_, t) => Number(t < row.length))));
    return loss(tf.mul(grid(params), real));
  }, optimizer);
  const losses: number[] = [];
  for (let update = 0; update < updates; update++) {
    const result = await step(state, {});
    ({ state } = result);
    losses.push(result.report.loss);
  }
  return { losses, logps: cut(grid(state.params)) };
}

const apart = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number =>
  Math.max(...a.flatMap((row, i) => Array.from(row, (value, t) => Math.abs(value - b[i]![t]!))));

describe.each(['sum', 'mean'] as const)('a server that takes the %s', (reduction) => {
  test.each([1, 5])('trains as this machine does, %i rows', async (count) => {
    await withServer({ reduction }, async (server, service) => {
      const rows = randomRows(count, 3);
      const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
      const loss = dvoOf(rows, await model.logps(rows));
      const losses: number[] = [];
      for (let update = 0; update < updates; update++) losses.push((await model.lossStep(rows, loss, adam)).loss);
      const local = await here(server, rows);
      expect(losses[0]).toBeGreaterThan(0);
      for (const [update, value] of losses.entries())
        expect(Math.abs(value - local.losses[update]!) / local.losses[0]!).toBeLessThan(1e-6);
      expect(apart(await model.logps(rows), local.logps)).toBeLessThan(1e-5);
      expect(model.updates()).toBe(updates);
    });
  });

  test('is told apart from the other by a probe', async () => {
    await withServer(
      { reduction },
      async (server, service) => {
        const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
        expect(model.reduction).toBe(reduction);
        // What the probe trained on is gone, and left nothing behind.
        expect(Object.keys(server.world().models)).toEqual([model.id]);
      },
      { dialect: {} },
    );
  });
});

test('the usual recipe goes wrong on a server that takes the mean', async () => {
  const finalLoss = (reduction: 'sum' | 'mean'): Promise<number> =>
    withServer(
      { reduction: 'mean' },
      async (server, service) => {
        const rows = randomRows(5, 3);
        const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
        const loss = dvoOf(rows, await model.logps(rows));
        for (let update = 0; update < 20; update++) await model.lossStep(rows, loss, adam);
        return (await model.lossStep(rows, loss, adam)).loss;
      },
      { dialect: { reduction, repeats: true } },
    );
  const [right, wrong] = [await finalLoss('mean'), await finalLoss('sum')];
  expect(wrong).toBeGreaterThan(2 * right);
});
