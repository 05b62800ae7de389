/** JSON is protobuf, many requests are one, and what a server leaves behind is cleared: the same weights by every way. */
import * as zlib from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ServiceOptions, type TinkerService, tinkerService } from '../service/service.ts';
import { dvoOf, quick, randomRows, useWasm, withServer } from '../test-support/setting.ts';
import { type Fault, faults } from '../testing/faults.ts';
import { type LocalTinker, localTinker } from '../testing/local-tinker.ts';
import { isTinkerError } from '../wire/errors.ts';

beforeAll(useWasm);

const adam = { learningRate: 1e-2 };
const rows = randomRows(5, 5);
const own = { baseModel: 'local/small', rank: 2, seed: 1 };

/** The largest difference, relative to the largest log-prob. */
const farthest = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  Math.max(...a.flatMap((row, i) => Array.from(row, (value, t) => Math.abs(value - b[i]![t]!)))) /
  Math.max(...b.flatMap((row) => Array.from(row, Math.abs)));

/** Log-probs after three updates. */
async function trained(service: TinkerService): Promise<Float32Array[]> {
  const model = await service.createModel(own);
  const loss = dvoOf(rows, await model.logps(rows));
  for (let update = 0; update < 3; update++) await model.lossStep(rows, loss, adam);
  return model.logps(rows);
}

describe.each(['sum', 'mean'] as const)('a server that takes the %s', (reduction) => {
  const dialect = (protobuf: boolean): Partial<ServiceOptions> => ({ dialect: { reduction, repeats: true, protobuf } });

  test('gets the same numbers as JSON and as protobuf', async () => {
    const [asJson, asProtobuf] = [false, true].map((protobuf) =>
      withServer({ reduction }, (_, service) => trained(service), dialect(protobuf)),
    );
    expect(await asProtobuf).toEqual(await asJson);
  });

  test.each([false, true])('makes one update of many requests (protobuf: %s)', async (protobuf) => {
    const whole = await withServer({ reduction }, (_, service) => trained(service), dialect(protobuf));
    const passesOf = ({ calls }: LocalTinker): number => calls.filter((path) => path === 'forward_backward').length;
    for (const chunks of [
      { data: 2, bytes: 5_000_000 },
      { data: 1024, bytes: 300 },
      { data: 1024, bytes: 1 },
    ]) {
      const cut = await withServer(
        { reduction, chunks },
        async (server, service) => {
          const logps = await trained(service);
          expect(passesOf(server)).toBeGreaterThanOrEqual(9);
          return logps;
        },
        dialect(protobuf),
      );
      expect(farthest(cut, whole)).toBeLessThan(1e-6);
    }
  });

  test('of 1,300 rows, in requests of 1,024 and in one', async () => {
    const many = randomRows(1300, 9);
    const gradients = many.map((row, i) => Float32Array.from(row.slice(1), (id, t) => Math.sin(id + t + i) / 100));
    const after = (chunks?: { data: number; bytes: number }) =>
      withServer(
        { reduction, ...(chunks && { chunks }) },
        async (server, service) => {
          const model = await service.createModel(own);
          await model.gradientStep(many, gradients, adam);
          expect(server.calls.filter((path) => path === 'forward_backward').length).toBe(chunks ? 1 : 2);
          return model.logps(rows);
        },
        dialect(true),
      );
    expect(farthest(await after(), await after({ data: 2000, bytes: 1e8 }))).toBeLessThan(1e-6);
  });
});

test('a server that asks for zstd gets it where this runtime writes it, and the same numbers come of it', async () => {
  const packed: boolean[] = [];
  const watched: typeof fetch = (url, init) => {
    if (String(url).endsWith('forward_backward'))
      packed.push((init!.headers as Record<string, string>)['content-encoding'] === 'zstd');
    return fetch(url, init);
  };
  const dialect = { reduction: 'sum', repeats: true, protobuf: true } as const;
  const plain = await withServer({}, (_, service) => trained(service), { dialect, fetch: watched });
  expect(packed).not.toContain(true);
  packed.length = 0;
  const zipped = await withServer({ zstd: true }, (_, service) => trained(service), { dialect, fetch: watched });
  expect(zipped).toEqual(plain);
  expect(new Set(packed)).toEqual(new Set(['zstdCompress' in zlib]));
  // And what is JSON stays as it is.
  packed.length = 0;
  await withServer({ zstd: true }, (_, service) => trained(service), { fetch: watched });
  expect(packed).not.toContain(true);
});

test('who only samples never asks what passes may hold', async () => {
  await withServer({}, async (server, service) => {
    const sampler = service.sampler({ baseModel: server.baseModel });
    await sampler.sample([1, 2], { maxTokens: 2, seed: 1 });
    expect(server.calls).not.toContain('client/config');
    await Promise.all([1, 2].map((seed) => service.createModel({ ...own, seed })));
    expect(server.calls.filter((path) => path === 'client/config').length).toBe(1);
  });
});

test.each([true, false])('the probe finds out whether a server speaks protobuf (%s)', async (protobuf) => {
  await withServer(
    { protobuf },
    async (server, service) => {
      const model = await service.createModel(own);
      expect(model.protobuf).toBe(protobuf);
      const [there] = await model.logps(rows.slice(0, 1));
      const sampler = await model.sampler('now');
      const prompt = await sampler.promptLogps(rows[0]!);
      expect(farthest([prompt], [there!])).toBeLessThan(1e-5);
      const [drawn] = await sampler.sample(rows[0]!.slice(0, 2), { maxTokens: 4, seed: 1 });
      expect(drawn!.ids.length).toBe(drawn!.logps.length);
      expect(server.calls).toContain('asample');
    },
    { dialect: {} },
  );
});

describe('a gradient that nobody stepped with', () => {
  /** Spoils a model's update behind its gradient, gives the model up, and trains the next one. */
  async function next(giveUp: 'unload' | 'leave'): Promise<Float32Array[]> {
    let fault: Fault | undefined;
    const server = await localTinker({
      leftoverGradients: true,
      faults: ({ path }) => (path === 'optim_step' ? fault : undefined),
    });
    const service = await tinkerService({
      baseUrl: server.url,
      ...quick,
      dialect: { reduction: 'sum', repeats: true },
    });
    const model = await service.createModel(own);
    const loss = dvoOf(rows, await model.logps(rows));
    fault = 'fail';
    await expect(model.lossStep(rows, loss, adam)).rejects.toThrow('ran out of memory');
    fault = undefined;
    if (giveUp === 'unload') await model.unload();
    else {
      const body = JSON.stringify({ model_id: model.id });
      const headers = { 'content-type': 'application/json' };
      await fetch(`${server.url}/api/v1/unload_model`, { method: 'POST', body, headers });
    }
    const logps = await trained(service);
    await service.close();
    await server.close();
    return logps;
  }

  test('is cleared before its model is unloaded', async () => {
    expect(await next('unload')).toEqual(await withServer({}, (_, service) => trained(service)));
  });

  test('control: where it is left, it is in the next model', async () => {
    expect(await next('leave')).not.toEqual(await withServer({}, (_, service) => trained(service)));
  });
});

/** A fault comes to every third call, and the faults share the calls among them; in `pnpm fuzz` each comes to every call. */
const stride = process.env.SVO_EVERY_PLACE === undefined ? 3 : 1;

describe.each([true, false])('resume, on a server that knows repeats: %s', (repeats) => {
  test.each(faults)('with one "%s" at one call after another', async (fault) => {
    let at = Number.POSITIVE_INFINITY;
    let seen = 0;
    const server = await localTinker({
      repeats,
      holdMs: 5,
      faults: ({ path }) => (path !== 'session_heartbeat' && seen++ === at ? fault : undefined),
    });
    const service = await tinkerService({ baseUrl: server.url, ...quick, dialect: { reduction: 'sum', repeats } });
    const model = await service.createModel(own);
    const loss = dvoOf(rows, await model.logps(rows));
    await model.lossStep(rows, loss, adam);
    const path = await model.save('one');
    await model.lossStep(rows, loss, adam);
    const expected = await model.logps(rows);
    for (let call = faults.indexOf(fault) % stride; ; call += stride) {
      [seen, at] = [0, call];
      const outcome = await service.resume(path).catch((error: unknown) => error);
      const reached = seen > call;
      at = Number.POSITIVE_INFINITY;
      const note = `${fault} at call ${call}: ${String(outcome)}`;
      if (outcome instanceof Error) {
        expect(isTinkerError(outcome), note).toBe(true);
        // What is told as a failure is one; a page of a proxy is no answer.
        expect(['fail', 'garbage'], note).toContain(fault);
      } else {
        const again = outcome as Awaited<ReturnType<TinkerService['resume']>>;
        await again.lossStep(rows, loss, adam);
        expect(await again.logps(rows), note).toEqual(expected);
        await again.unload();
      }
      if (!reached) break;
    }
    await service.close();
    await server.close();
  });
});
