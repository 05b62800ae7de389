/** What a careless client loses on real servers: weights to a sampler, data to a chunk, a key to a message. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { applyLora, loadAdapters } from '@svo/models';
import { tf } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinkerService } from '../service/service.ts';
import { dvoOf, quick, randomRows, useWasm, withServer } from '../test-support/setting.ts';
import { localTinker } from '../testing/local-tinker.ts';
import { SessionLost, TinkerHttpError } from '../wire/errors.ts';

beforeAll(useWasm);

const adam = { learningRate: 1e-2 };
const rows = randomRows(3, 5);

describe('samplers on a server where they share the live weights', () => {
  test('an older one is refused before it can overwrite them', async () => {
    await withServer({ sharedSamplers: true }, async (server, service) => {
      const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
      const loss = dvoOf(rows, await model.logps(rows));
      const old = await model.sampler('old');
      const draws = { maxTokens: 4, seed: 3 };
      expect(await old.sample([1, 2], draws)).toEqual(await old.sample([1, 2], draws));
      await model.lossStep(rows, loss, adam);
      const trained = await model.logps(rows);
      await expect(old.sample([1, 2], draws)).rejects.toThrow('call model.sampler again');
      await expect(service.sampler({ path: old.name }).sample([1, 2], draws)).rejects.toThrow(
        'call model.sampler again',
      );
      await (await model.sampler('new')).sample([1, 2], draws);
      expect(await model.logps(rows)).toEqual(trained);
    });
  });

  test('control: without the guard the weights are lost', async () => {
    await withServer(
      { sharedSamplers: true },
      async (server, service) => {
        const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
        const loss = dvoOf(rows, await model.logps(rows));
        const old = await model.sampler('old');
        await model.lossStep(rows, loss, adam);
        const trained = await model.logps(rows);
        await old.sample([1, 2], { maxTokens: 4, seed: 3 });
        expect(await model.logps(rows)).not.toEqual(trained);
      },
      { dialect: { reduction: 'sum', repeats: true, samplersAreCopies: true } },
    );
  });

  test('an update waits until samples are back', async () => {
    await withServer({ sharedSamplers: true }, async (server, service) => {
      const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
      const loss = dvoOf(rows, await model.logps(rows));
      const sampler = await model.sampler('now');
      const drawn = Promise.all([1, 2, 3].map((id) => sampler.sample([id], { maxTokens: 6, seed: id })));
      const updated = model.lossStep(rows, loss, adam);
      await Promise.all([drawn, updated]);
      const step = server.calls.lastIndexOf('optim_step');
      const polls = server.calls.slice(0, step).filter((path) => path === 'asample');
      expect(polls.length).toBe(3);
      const alone = await model.logps(rows);
      await (await model.sampler('later')).sample([1], { maxTokens: 1, seed: 1 });
      expect(await model.logps(rows)).toEqual(alone);
    });
  });
});

test('an adapter comes down as a folder that gives the same log-probs here', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'svo-adapter-'));
  await withServer(
    { apiKey: 'tml-for-the-server-alone' },
    async (server, service) => {
      const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
      await model.lossStep(rows, dvoOf(rows, await model.logps(rows)), adam);
      await model.downloadAdapter('final', join(folder, 'adapter'));
      expect((await readdir(join(folder, 'adapter'))).sort()).toEqual([
        'adapter_config.json',
        'adapter_model.safetensors',
      ]);
      const { settings, params } = await loadAdapters(join(folder, 'adapter'), server.lm);
      const there = await model.logps(rows);
      for (const [i, row] of rows.entries()) {
        const lm = applyLora(server.lm, settings);
        const here = lm.tokenLogps({ ...server.params, ...params }, tf.tensor2d([row], undefined, 'int32'));
        expect(Math.max(...[...here.dataSync()].map((value, t) => Math.abs(value - there[i]![t]!)))).toBeLessThan(1e-5);
      }
    },
    { apiKey: 'tml-for-the-server-alone' },
  );
  await rm(folder, { recursive: true });
});

test('a checkpoint name is taken once', async () => {
  await withServer({}, async (server, service) => {
    const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
    expect(await model.save('one')).toBe(`tinker://${model.id}/weights/one`);
    await expect(model.save('one')).rejects.toThrow('the name one is taken');
    await expect(model.save('../one')).rejects.toThrow('name must be of letters, digits, _ and -');
  });
});

test('neither the key nor what was sent is in a message', async () => {
  const key = 'tml-0123456789-secret';
  const echo = (async (_: URL, init: RequestInit) => {
    const sent = String(init.body);
    const words = `key ${key} is not known; input_value=${sent}, input_type=dict; ids 11, 22, 33, 44, 55`;
    return Response.json({ detail: [{ loc: ['body'], msg: words, input: sent }] }, { status: 422 });
  }) as unknown as typeof fetch;
  const error = await tinkerService({
    baseUrl: 'http://host',
    apiKey: key,
    fetch: echo,
    tags: ['what-was-sent'],
  }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TinkerHttpError);
  const seen = inspect(error, { depth: 9, showHidden: true });
  for (const secret of ['0123456789', 'what-was-sent', '22, 33']) expect(seen).not.toContain(secret);
  expect(seen).toContain('HTTP 422');
});

test('a session that the server has forgotten ends what is under way, by name', async () => {
  const server = await localTinker();
  const service = await tinkerService({
    baseUrl: server.url,
    ...quick,
    heartbeatMs: 5,
    dialect: { reduction: 'sum', repeats: true },
  });
  const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
  delete server.world().sessions[service.sessionId];
  await new Promise((resolve) => setTimeout(resolve, 1));
  while (true) {
    const error = await model.logps(rows).catch((thrown: unknown) => thrown);
    if (error instanceof Error) {
      expect(error).toBeInstanceOf(SessionLost);
      break;
    }
  }
  await service.close();
  await server.close();
});

test('data that a server would never answer, or answer wrongly, is refused here', async () => {
  await withServer({}, async (server, service) => {
    const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
    await expect(model.logps([])).rejects.toThrow('data must hold at least one row');
    await expect(model.logps([[1]])).rejects.toThrow('data[0] must hold at least two tokens');
    await expect(model.logps([[1, 2.5]])).rejects.toThrow('data[0] must hold token ids, got 2.5');
    const bad = [Float32Array.of(Number.NaN)];
    await expect(model.gradientStep([[1, 2]], bad, adam)).rejects.toThrow('gradients[0][0] must be finite');
    await expect(model.gradientStep([[1, 2]], [new Float32Array(2)], adam)).rejects.toThrow(
      'one number a predicted token',
    );
    const diverged = () => tf.scalar(Number.NaN);
    await expect(model.lossStep([[1, 2]], diverged, adam)).rejects.toThrow('the loss must be finite, got NaN');
    // Nothing of it reached the server's model.
    expect(server.calls).not.toContain('forward_backward');
    await expect(model.logps([[1, 99]])).rejects.toThrow('out of range');
  });
});
