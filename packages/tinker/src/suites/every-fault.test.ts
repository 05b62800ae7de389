/** Any fault at any call ends in the same weights, or in a typed error; nothing is ever stepped twice. */
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { beforeAll, expect, test } from 'vitest';
import { type ServiceOptions, tinkerService } from '../service/service.ts';
import { dvoOf, quick, randomRows, useWasm } from '../test-support/setting.ts';
import { type Fault, faults } from '../testing/faults.ts';
import { type LocalTinkerOptions, localTinker } from '../testing/local-tinker.ts';
import type { World } from '../testing/world.ts';
import { isTinkerError, ModelInDoubt } from '../wire/errors.ts';

beforeAll(useWasm);

/** `pnpm fuzz` goes to every place. */
const everyPlace = process.env.SVO_EVERY_PLACE !== undefined;
/** Each is a whole run against a server: every kind of it at every rate of faults once, more often in `pnpm fuzz`. */
const schedules = Number(process.env.SVO_TINKER_SCHEDULES ?? (everyPlace ? 80 : 15));
const updates = 3;
const rows = randomRows(3, 5);
const adam = { learningRate: 5e-3 };

/** What a run left on the server, and how it ended. */
interface Ended {
  /** The live model's weights, where one is left. */
  readonly weights: string | undefined;
  /** The weights of the saved checkpoint, where one was made. */
  readonly saved: string | undefined;
  readonly steps: number;
  readonly error: unknown;
}

const shown = (adapters: World['models'][string]['adapters'] | undefined): string | undefined =>
  adapters && JSON.stringify(Object.values(adapters).map(({ data }) => Array.from(data)));

/** Trains and saves on a server of some kind; faults begin once the session is open. */
async function run(kind: LocalTinkerOptions, faultOf: (index: number) => Fault | undefined): Promise<Ended> {
  let armed = Number.POSITIVE_INFINITY;
  const server = await localTinker({
    ...kind,
    holdMs: 5,
    faults: ({ index }) => (index >= armed ? faultOf(index - armed) : undefined),
  });
  const { reduction = 'sum', repeats = true } = kind;
  const options: ServiceOptions = { baseUrl: server.url, ...quick, dialect: { reduction, repeats } };
  const service = await tinkerService(options);
  let error: unknown;
  armed = server.calls.length;
  try {
    const model = await service.createModel({ baseModel: server.baseModel, rank: 2, seed: 1 });
    const loss = dvoOf(rows, await model.logps(rows));
    for (let update = 0; update < updates; update++) await model.lossStep(rows, loss, adam);
    await model.save('last');
  } catch (thrown) {
    error = thrown;
  }
  armed = Number.POSITIVE_INFINITY;
  const drained = async (): Promise<void> => {
    while (server.world().queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await drained();
  const { models, checkpoints } = server.world();
  // A model whose creation was repeated may have left another one, untouched.
  const [live] = Object.values(models).sort((a, b) => b.steps - a.steps);
  const ended: Ended = {
    weights: shown(live?.adapters),
    saved: shown(Object.values(checkpoints).find(({ name }) => name === 'last')?.adapters),
    steps: live?.steps ?? 0,
    error,
  };
  await service.close();
  await server.close();
  return ended;
}

const kinds: readonly LocalTinkerOptions[] = [
  {},
  { reduction: 'mean', failures: 400, notYet: 408 },
  { resultsAgain: false },
  { repeats: false, failures: 400 },
  { reduction: 'mean', repeats: false, resultsAgain: false },
];

/** The weights after each number of steps of an undisturbed run. */
async function course(kind: LocalTinkerOptions): Promise<string[]> {
  const weights: string[] = [];
  const server = await localTinker(kind);
  const { reduction = 'sum' } = kind;
  const service = await tinkerService({ baseUrl: server.url, ...quick, dialect: { reduction, repeats: true } });
  const model = await service.createModel({ baseModel: server.baseModel, rank: 2, seed: 1 });
  const keep = (): number => weights.push(shown(server.world().models[model.id]!.adapters)!);
  keep();
  const loss = dvoOf(rows, await model.logps(rows));
  for (let update = 0; update < updates; update++) {
    await model.lossStep(rows, loss, adam);
    keep();
  }
  await service.close();
  await server.close();
  return weights;
}

test(`${schedules} random schedules of faults`, async () => {
  const courses = new Map<string, string[]>();
  const outcomes = { same: 0, error: 0 };
  for (let schedule = 0; schedule < schedules; schedule++) {
    const kind = kinds[schedule % kinds.length]!;
    const key = kind.reduction ?? 'sum';
    const expected = courses.get(key) ?? (await course(kind));
    courses.set(key, expected);
    const draws = uniforms(splitRng(createRng(11), schedule), 400);
    // From one fault in a run to one in every third call.
    const rate = [0.02, 0.08, 0.3][schedule % 3]!;
    const faultOf = (index: number): Fault | undefined =>
      (draws[(2 * index) % 400] ?? 1) < rate
        ? faults[Math.floor(draws[(2 * index + 1) % 400]! * faults.length)]
        : undefined;
    const ended = await run(kind, faultOf);
    const note = `schedule ${schedule}, ${JSON.stringify(kind)}: ${String(ended.error)}`;
    // Whatever happened, the server went along the undisturbed course, and no further than asked.
    expect(ended.steps, note).toBeLessThanOrEqual(updates);
    if (ended.weights !== undefined) expect(ended.weights === expected[ended.steps], note).toBe(true);
    if (ended.error === undefined) {
      expect(ended.steps, note).toBe(updates);
      expect(ended.saved === expected[updates], note).toBe(true);
      outcomes.same += 1;
    } else {
      expect(isTinkerError(ended.error), note).toBe(true);
      outcomes.error += 1;
    }
  }
  console.log(`schedules: ${outcomes.same} ended in the same weights, ${outcomes.error} in a typed error`);
  expect(outcomes.same).toBeGreaterThan(schedules / 4);
  expect(outcomes.error).toBeGreaterThan(0);
});

/** A fault comes to every third call, and the faults share the calls among them; in `pnpm fuzz` each comes to every call. */
const stride = everyPlace ? 1 : 3;
let undisturbed: Promise<string[]> | undefined;

test.each(faults)('one "%s" at one call after another', async (fault) => {
  undisturbed ??= course({});
  const expected = await undisturbed;
  for (let at = faults.indexOf(fault) % stride; ; at += stride) {
    let reached = false;
    const ended = await run({}, (index) => {
      if (index !== at) return undefined;
      reached = true;
      return fault;
    });
    if (!reached) break;
    const note = `${fault} at call ${at}: ${String(ended.error)}`;
    if (ended.weights !== undefined) expect(ended.weights === expected[ended.steps], note).toBe(true);
    if (ended.error !== undefined) expect(isTinkerError(ended.error), note).toBe(true);
    // What a server that keeps its promises can mend is mended.
    if (['drop', 'drop-reply', 'cut-reply', 'busy', 'early', 'broken', 'gateway', 'not-yet', 'restart'].includes(fault))
      expect(ended.error, note).toBeUndefined();
    if (ended.error === undefined) expect(ended.saved === expected[updates], note).toBe(true);
  }
});

test('a model in doubt takes no further update, and a new one goes on from the checkpoint', async () => {
  let fault: Fault | undefined;
  const server = await localTinker({ faults: ({ path }) => (path === 'optim_step' ? fault : undefined) });
  const service = await tinkerService({ baseUrl: server.url, ...quick, dialect: { reduction: 'sum', repeats: true } });
  const model = await service.createModel({ baseModel: server.baseModel, rank: 2, seed: 1 });
  const loss = dvoOf(rows, await model.logps(rows));
  await model.lossStep(rows, loss, adam);
  const path = await model.save('first');
  fault = 'fail';
  await expect(model.lossStep(rows, loss, adam)).rejects.toThrow(
    'failed to run it (user): the worker ran out of memory',
  );
  fault = undefined;
  await expect(model.lossStep(rows, loss, adam)).rejects.toThrow(ModelInDoubt);
  const again = await service.resume(path);
  await again.lossStep(rows, loss, adam);
  await again.lossStep(rows, loss, adam);
  expect(shown(server.world().models[again.id]!.adapters)).toBe((await course({}))[3]);
  await service.close();
  await server.close();
});

test('control: trust that a server knows repeats, where it does not, steps twice, and these suites would see it', async () => {
  let dropped = false;
  const server = await localTinker({
    repeats: false,
    faults: ({ path }) => {
      if (path !== 'optim_step' || dropped) return undefined;
      dropped = true;
      return 'drop-reply';
    },
  });
  const service = await tinkerService({ baseUrl: server.url, ...quick, dialect: { reduction: 'sum', repeats: true } });
  const model = await service.createModel({ baseModel: server.baseModel, rank: 2, seed: 1 });
  const loss = dvoOf(rows, await model.logps(rows));
  await model.lossStep(rows, loss, adam);
  const { steps, adapters } = server.world().models[model.id]!;
  expect(steps).toBe(2);
  expect(shown(adapters) === (await course({}))[1]).toBe(false);
  await service.close();
  await server.close();
});
