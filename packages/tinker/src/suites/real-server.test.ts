/** The same laws against a server that somebody else wrote: give its address as TINKER_BASE_URL (and a key as TINKER_API_KEY). */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TinkerService, tinkerService } from '../service/service.ts';
import { dvoOf, randomRows, useWasm } from '../test-support/setting.ts';

const { TINKER_BASE_URL: baseUrl, TINKER_API_KEY: apiKey } = process.env;
if (baseUrl === undefined) console.log('no real Tinker server was asked: TINKER_BASE_URL is not given');

const adam = { learningRate: 2e-3, beta2: 0.95, weightDecay: 0 };
const rows = randomRows(4, 3);

describe.skipIf(baseUrl === undefined)('a real server', () => {
  let service: TinkerService;
  let baseModel: string;

  beforeAll(async () => {
    await useWasm();
    service = await tinkerService({ baseUrl: baseUrl!, ...(apiKey !== undefined && { apiKey }) });
    const { models } = await service.capabilities();
    baseModel = process.env.TINKER_BASE_MODEL ?? models[0]!.name;
    return () => service.close();
  });

  test('answers the probe, learns, and goes on from a checkpoint as if nothing had happened', async () => {
    const model = await service.createModel({ baseModel, rank: 8, seed: 1 });
    console.log(`${baseModel}: ${JSON.stringify({ reduction: model.reduction })}`);
    const first = await model.logps(rows);
    expect(first.map(({ length }) => length)).toEqual(rows.map(({ length }) => length));
    const loss = dvoOf(rows, first);
    const losses: number[] = [];
    for (let update = 0; update < 10; update++) losses.push((await model.lossStep(rows, loss, adam)).loss);
    const stamp = `${Date.now()}`;
    const path = await model.save(`half-${stamp}`);
    for (let update = 0; update < 10; update++) losses.push((await model.lossStep(rows, loss, adam)).loss);
    console.log(losses.map((value) => value.toPrecision(4)).join(' '));
    expect(losses.at(-1)! / losses[0]!).toBeLessThan(0.2);
    const trained = await model.logps(rows);
    await model.unload();
    const again = await service.resume(path);
    for (let update = 0; update < 10; update++) {
      const { loss: value } = await again.lossStep(rows, loss, adam);
      expect(value).toBe(losses[10 + update]);
    }
    expect(await again.logps(rows)).toEqual(trained);
    const sampler = await again.sampler(`sampler-${stamp}`);
    const options = { maxTokens: 5, samples: 2, seed: 4 };
    const drawn = await sampler.sample(rows[0]!.slice(0, 2), options);
    expect(await sampler.sample(rows[0]!.slice(0, 2), options)).toEqual(drawn);
    const [whole] = await again.logps([[...rows[0]!.slice(0, 2), ...drawn[0]!.ids]]);
    for (const [t, logp] of drawn[0]!.logps.entries()) expect(Math.abs(logp - whole![2 + t]!)).toBeLessThan(1e-4);
    const prompt = await sampler.promptLogps(rows[0]!);
    for (const [t, logp] of (await again.logps(rows.slice(0, 1)))[0]!.entries())
      expect(Math.abs(logp - prompt[t]!)).toBeLessThan(1e-4);
    const folder = await mkdtemp(join(tmpdir(), 'svo-adapter-'));
    await again.downloadAdapter(`adapter-${stamp}`, join(folder, 'adapter'));
    expect((await readdir(join(folder, 'adapter'))).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    await rm(folder, { recursive: true });
    await again.unload();
  });
});
