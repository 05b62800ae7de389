/** Every objective's plan trains a model on a server as it trains the same model here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawnTrajectories, prefixTree } from '@svo/mcts';
import { applyLora, initLora } from '@svo/models';
import { type Material, objectives, planFor, type ScoringModel } from '@svo/recipes';
import {
  adamw,
  copyParams,
  initialTrainState,
  type Report,
  stopAfter,
  type TrainState,
  type TrainStep,
  train,
  trainStep,
} from '@svo/train';
import { mathVerifier } from '@svo/verify';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TinkerModel } from '../model/model.ts';
import { useWasm, withServer } from '../test-support/setting.ts';
import type { LocalTinker } from '../testing/local-tinker.ts';
import { loadTinkerCheckpoint, withTinkerCheckpoints } from '../train/checkpoints.ts';
import { tinkerStep } from '../train/tinker-step.ts';

beforeAll(useWasm);

/** Three questions, each answered three times: right by steps, wrong in the first step, wrong in the answer. */
const trees = [1, 2, 3].map((n) => {
  const [twice, all] = [n + n, n + n + 1];
  const answers = [
    [`${n}+${n}=${twice}\n\n`, `${twice}+1=${all}\n\n`, `Final Answer: ${all}`],
    [`${n}+${n}=${twice + 1}\n\n`, `${twice + 1}+1=${all + 1}\n\n`, `Final Answer: ${all + 1}`],
    [`${n}+${n}=${twice}\n\n`, `${twice}+1=${all}\n\n`, `Final Answer: ${n}`],
  ];
  const question = { id: `q${n}`, prompt: `${n}+${n}+1=?\n\n`, answer: String(all) };
  const responses = answers.map((steps) => ({ steps, finished: true }));
  return prefixTree(question, responses, { verifier: mathVerifier });
});
const settings = { beta: 0.1, learningRate: 5e-3, batchSize: 2, updates: 3 };
const [rank, seed] = [4, 7];

/** Everything but the model, which is here or there. */
const materialOf = (server: LocalTinker, lm: ScoringModel, reference: Material['reference']): Material => ({
  learner: { lm, tokenizer: { ...server.tokenizer, padId: 0 }, values: server.lm.config },
  trees,
  trajectories: trees.flatMap((tree) => drawnTrajectories(tree)),
  reference,
  settings,
  seed,
});

/** These answers were written down, not drawn: who wrote them is said by name. */
const optionsOf = (objective: string): object => (objective.endsWith('dqo') ? { importanceWeights: 'reference' } : {});

async function reportsOf(
  batches: Iterable<object>,
  start: TrainState,
  step: TrainStep<object>,
): Promise<{ readonly reports: readonly Report[]; readonly state: TrainState }> {
  const reports: Report[] = [];
  let state = start;
  for await (const result of train(start, batches, step)) {
    reports.push(result.report);
    state = result.state;
    if (state.step === settings.updates) break;
  }
  return { reports, state };
}

/** PRIME's verifier begins as a copy of the reference's weights, which a server keeps. */
const served = objectives.filter((objective) => !objective.startsWith('prime-'));

/** What a server reduces by is the same for all of them: one of each kind of rows, and with values beside; in `pnpm fuzz` all. */
const few: readonly string[] = ['rft', 'dvo', 'kto', 'step-dpo', 'svpo', 'dqo', 'grpo'];
const underMean =
  process.env.SVO_EVERY_PLACE === undefined ? served.filter((objective) => few.includes(objective)) : served;

describe.each([
  ['sum', served],
  ['mean', underMean],
] as const)('a server that takes the %s', (reduction, tried) => {
  test.each(tried)('%s', async (objective) => {
    await withServer({ reduction }, async (server, service) => {
      const optimizer = adamw({ learningRate: settings.learningRate });
      const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
      const base = await service.createModel({ baseModel: server.baseModel, rank, seed: 0 });
      const there = await planFor(objective, materialOf(server, model, base), optionsOf(objective));
      const remote = await reportsOf(
        there.batches(),
        initialTrainState(there.extras?.() ?? {}, optimizer),
        tinkerStep(model, there.loss, { learningRate: settings.learningRate, optimizer }),
      );

      const shape = { rank, alpha: 32 };
      const lora = applyLora(server.lm, shape);
      const lm: ScoringModel = {
        tokenLogps: (params, ids, options) => lora.tokenLogps({ ...server.params, ...params }, ids, options),
      };
      const adapters = initLora(server.lm, shape, seed);
      const here = await planFor(objective, materialOf(server, lm, copyParams(adapters)), optionsOf(objective));
      const local = await reportsOf(
        here.batches(),
        initialTrainState({ ...here.extras?.(), ...adapters }, optimizer),
        trainStep(here.loss, optimizer),
      );

      expect(remote.reports.length).toBe(settings.updates);
      const scale = Math.max(...local.reports.map(({ loss }) => Math.abs(loss)));
      for (const [i, { loss }] of remote.reports.entries())
        expect(Math.abs(loss - local.reports[i]!.loss) / scale, `update ${i + 1}`).toBeLessThan(1e-6);
      // What is trained here beside the server's model, too.
      for (const [name, tensor] of Object.entries(remote.state.params)) {
        const [a, b] = [await tensor.data(), await local.state.params[name]!.data()];
        for (const [i, value] of a.entries()) expect(Math.abs(value - b[i]!), name).toBeLessThan(1e-5);
      }
      expect(model.updates()).toBe(settings.updates);
    });
  });
});

test('a run with a value network here goes on from its checkpoint as one that was not cut off', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'svo-tinker-'));
  await withServer({}, async (server, service) => {
    const optimizer = adamw({ learningRate: settings.learningRate });
    const fresh = (own: number) => service.createModel({ baseModel: server.baseModel, rank, seed: own });
    const losses = async (model: TinkerModel, start: TrainState | undefined, most: number): Promise<number[]> => {
      // The base's own log-probs, by a sampler: nothing there can change them.
      const material = materialOf(server, model, service.sampler({ baseModel: server.baseModel }));
      const plan = await planFor('dqo', material, optionsOf('dqo'));
      const state = start ?? initialTrainState(plan.extras!(), optimizer);
      const step = tinkerStep(model, plan.loss, { learningRate: settings.learningRate, optimizer });
      const run = stopAfter(train(state, plan.batches(state.cursor), step), most);
      const reports: number[] = [];
      const saved = withTinkerCheckpoints(run, { model, dir: join(dir, 'last'), every: 2, name: 'run' });
      for await (const { report } of saved) reports.push(report.loss);
      return reports;
    };
    const whole = await losses(await fresh(seed), undefined, 5);
    const begun = await losses(await fresh(seed), undefined, 3);
    const { path, state } = await loadTinkerCheckpoint(join(dir, 'last'));
    const rest = await losses(await service.resume(path), state, 5);
    expect([...begun, ...rest]).toEqual(whole);
  });
  await rm(dir, { recursive: true });
});

test('what begins as a copy of the reference is refused where the reference is a server’s', async () => {
  await withServer({}, async (server, service) => {
    const [model, base] = [
      await service.createModel({ baseModel: server.baseModel, rank, seed }),
      service.sampler({ baseModel: server.baseModel }),
    ];
    for (const objective of ['prime-dvo', 'prime-dqo'] as const)
      await expect(planFor(objective, materialOf(server, model, base), optionsOf(objective))).rejects.toThrow(
        'withImplicitCredits: reference must be weights, got a model on a server (its copy is trained)',
      );
  });
});

test('a reference that is the model in training is refused', async () => {
  await withServer({}, async (server, service) => {
    const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
    for (const objective of ['dvo', 'kto', 'dqo'] as const)
      await expect(planFor(objective, materialOf(server, model, model), optionsOf(objective))).rejects.toThrow(
        'reference must stay as it is',
      );
  });
});

test('an objective with values says what it needs where the policy is on a server', async () => {
  await withServer({}, async (server, service) => {
    const model = await service.createModel({ baseModel: server.baseModel, rank, seed });
    const { learner, ...rest } = materialOf(server, model, { logps: model.logps });
    const { values: _, ...bare } = learner;
    for (const objective of ['svpo', 'dqo'] as const)
      await expect(planFor(objective, { ...rest, learner: bare })).rejects.toThrow('learner.values must be the config');
  });
});
