import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceCache } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { tf, useBackend } from '@svo/tensor';
import { copyParams, disposeTensors, initialTrainState, type Report, train, trainStep } from '@svo/train';
import { beforeAll, describe, expect, test } from 'vitest';
import { rftPlan } from './likelihood/rft.ts';
import { type Objective, objectives, planFor } from './objectives.ts';
import { planOptimizer } from './optimizer.ts';
import type { Plan } from './plan.ts';
import type { PolicyGradientBatch } from './policy-gradient/policy-gradient.ts';
import { type SvpoPlanOptions, svpoPlan } from './preference/svpo.ts';
import { defaultSettings } from './settings.ts';
import { dvoPlan, dvoResponsePlan } from './steps/dvo.ts';
import { type LocalMaterial, material, tokenizer, trajectories } from './test-support/material.ts';
import { type DqoPlanOptions, dqoPlan } from './tokens/dqo.ts';

beforeAll(async () => {
  await useBackend('wasm');
  await installKernels({ engine: 'wasm' });
});

/** Trains by the plan and gives every report, from a cursor on where one is given. */
async function reportsOf(objective: Objective, given: LocalMaterial, stopAt = Number.POSITIVE_INFINITY) {
  const plan = await planFor(objective, given);
  const optimizer = planOptimizer(given.settings);
  let state = initialTrainState({ ...plan.extras?.(), ...copyParams(given.reference) }, optimizer);
  const reports: Report[] = [];
  const step = trainStep(plan.loss, optimizer);
  for await (const result of train(state, plan.batches(state.cursor), step)) {
    state = result.state;
    reports.push(result.report);
    if (state.step === Math.min(stopAt, plan.updates)) break;
  }
  if (stopAt < plan.updates)
    for await (const result of train(state, plan.batches(state.cursor), step)) {
      state = result.state;
      reports.push(result.report);
      if (state.step === plan.updates) break;
    }
  const weights = Object.fromEntries(
    Object.entries(state.params).map(([name, tensor]) => [name, [...tensor.dataSync()]]),
  );
  disposeTensors([state]);
  return { plan, reports, weights };
}

describe.each(objectives)('%s', (objective) => {
  test('makes as many updates as it says, with finite losses, and changes the weights', async () => {
    const given = material();
    const { plan, reports, weights } = await reportsOf(objective, given);
    expect(plan.updates).toBe(6);
    expect(reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(reports.every(({ loss, grad_norm }) => Number.isFinite(loss) && Number(grad_norm) > 0)).toBe(true);
    const name = Object.keys(given.reference)[0]!;
    expect(weights[name]).not.toEqual([...given.reference[name]!.dataSync()]);
  });

  test('goes on from the cursor of any batch to the same weights, bit for bit', async () => {
    const given = material();
    const straight = await reportsOf(objective, given);
    const stopped = await reportsOf(objective, given, 4);
    expect(stopped.reports.map(({ loss }) => loss)).toEqual(straight.reports.map(({ loss }) => loss));
    expect(stopped.weights).toEqual(straight.weights);
  });

  test('leaves no tensor behind but the weights, and the reference as it was', async () => {
    const given = material();
    const before = [...given.reference['model.norm.weight']!.dataSync()];
    await reportsOf(objective, given);
    const tensors = tf.memory().numTensors;
    await reportsOf(objective, given);
    expect(tf.memory().numTensors).toBe(tensors);
    expect([...given.reference['model.norm.weight']!.dataSync()]).toEqual(before);
  });

  test('material that fills no batch is no plan', async () => {
    const plan = await planFor(objective, material({ batchSize: 1000 }));
    expect(plan.updates).toBe(0);
  });

  test('has settings to begin with', () => {
    const { beta, batchSize, learningRate, updates } = defaultSettings[objective];
    expect(beta).toBeGreaterThanOrEqual(0);
    expect(Math.min(batchSize, learningRate, updates)).toBeGreaterThan(0);
  });
});

test('at the level of the response, DVO’s credit is r − V(s₀), and the tokens scored are those of the steps', async () => {
  const given = material({ batchSize: 9, updates: 1 });
  const [steps] = [...(await dvoPlan(given)).batches()];
  const [whole] = [...(await dvoResponsePlan(given)).batches()];
  expect(whole!.rows).toEqual(steps!.rows);
  expect([...whole!.credits.data]).toEqual(
    whole!.rows.map((row) => {
      const { reward, values } = trajectories[row]!;
      return Math.fround(reward - values[0]!);
    }),
  );
  expect([...whole!.stepIds.data].map((id) => id >= 0)).toEqual([...steps!.stepIds.data].map((id) => id >= 0));
});

test('a step of DVO ends with its delimiter and the last with the end of the response, unless they are left out', async () => {
  const given = material({ batchSize: 9, updates: 1 });
  const { eosId } = tokenizer;
  const delimiter = tokenizer.encode('\n\n')[0]!;
  const ends = async (
    plan: Promise<{
      batches: () => Iterable<{ ids: { data: ArrayLike<number> }; stepIds: { data: ArrayLike<number> } }>;
    }>,
  ) => {
    const [{ ids, stepIds }] = [...(await plan).batches()] as [
      { ids: { data: Int32Array }; stepIds: { data: Int32Array } },
    ];
    return [...ids.data].filter((id, at) => (id === eosId || id === delimiter) && stepIds.data[at]! >= 0).length;
  };
  // Two delimiters and an end in each of nine rows; the question's own delimiter is no step's.
  expect(await ends(dvoPlan(given))).toBe(27);
  expect(await ends(dvoResponsePlan(given))).toBe(27);
  expect(await ends(dvoPlan(given, { scoreDelimiters: false }))).toBe(0);
  expect(await ends(dvoResponsePlan(given, { scoreDelimiters: false }))).toBe(0);
  expect(() => dvoPlan(given, { delimiters: true } as never)).toThrow("dvoPlan: unknown option 'delimiters'");
});

test('DQO’s rewards by steps are the credits, each at its step’s last token', async () => {
  const given = material({ batchSize: 9, updates: 1 });
  const [outcome] = [...(await dqoPlan(given)).batches()];
  const [steps] = [...(await dqoPlan(given, { rewards: 'steps' })).batches()];
  const length = steps!.stepIds.shape[1]!;
  steps!.rows.forEach((row, i) => {
    const { credits, reward } = trajectories[row]!;
    const ids = [...steps!.stepIds.data.slice(i * length, (i + 1) * length)];
    const rewards = [...steps!.rewards.data.slice(i * length, (i + 1) * length)];
    const expected = ids.map((step, t) => (step >= 0 && ids.lastIndexOf(step) === t ? Math.fround(credits[step]!) : 0));
    expect(rewards).toEqual(expected);
    const alone = [...outcome!.rewards.data.slice(i * length, (i + 1) * length)];
    expect(alone.filter((r) => r !== 0)).toEqual([reward]);
  });
});

/** The loss of the first update, before anything has moved. */
const firstLoss = async (plan: Plan<never>, given: LocalMaterial): Promise<number> => {
  const optimizer = planOptimizer(given.settings);
  const state = initialTrainState({ ...plan.extras?.(), ...copyParams(given.reference) }, optimizer);
  for await (const { report } of train(state, plan.batches(), trainStep(plan.loss, optimizer))) return report.loss;
  throw new Error('no update was made');
};

test('SVPO without margin, tie, SFT and value loss is DPO, which begins at ln 2; each term adds to it', async () => {
  const given = material({ batchSize: 3, updates: 1 });
  const none = { marginWeight: 0, regularizerWeight: 0, weights: { sft: 0, value: 0 } };
  const lossOf = async (options: SvpoPlanOptions) => firstLoss((await svpoPlan(given, options)) as never, given);
  expect(await lossOf(none)).toBeCloseTo(Math.LN2, 6);
  for (const one of [{ marginWeight: 1 }, { regularizerWeight: 1 }, { weights: { sft: 1, value: 0 } }])
    expect(await lossOf({ ...none, ...one })).toBeGreaterThan(Math.LN2);
  expect(await lossOf({ ...none, marginWeight: 1, margin: 1 })).toBeGreaterThan(
    await lossOf({ ...none, marginWeight: 1 }),
  );
  await expect(svpoPlan(given, { gamma: 1 } as never)).rejects.toThrow("svpoPlan: unknown option 'gamma'");
});

test('DQO’s λ and weights reach its losses', async () => {
  const given = material({ batchSize: 9, updates: 1 });
  const lossOf = async (options: DqoPlanOptions) => firstLoss((await dqoPlan(given, options)) as never, given);
  const whole = await lossOf({});
  expect(await lossOf({ lambda: 1, importanceWeights: true, rewards: 'outcome' })).toBe(whole);
  expect(await lossOf({ lambda: 0.5 })).not.toBeCloseTo(whole, 4);
  expect(await lossOf({ rewards: 'steps' })).not.toBeCloseTo(whole, 4);
  await expect(dqoPlan(given, { lamda: 1 } as never)).rejects.toThrow("dqoPlan: unknown option 'lamda'");
});

test.each(['grpo', 'treerl', 'dqo'] as const)(
  '%s: a token whose draw has no log-prob has the reference’s',
  async (name) => {
    const given = material({ batchSize: 9, updates: 1 });
    // What a policy gives: the tokens of each step. The end, which is scored as well, came with none.
    const drawn = trajectories.map((one) => ({
      ...one,
      draws: one.steps.map((step) => {
        const tokenIds = tokenizer.encode(step);
        return { tokenIds, logps: tokenIds.map(() => -0.25) };
      }),
    }));
    const plan = await planFor(name, { ...given, trajectories: drawn });
    const [batch] = [...plan.batches()] as (PolicyGradientBatch & { tokenReference: { data: Float32Array } })[];
    const logps = [...batch!.behaviorLogps.data];
    expect(logps).toContain(-0.25);
    logps.forEach((logp, at) => {
      if (logp !== -0.25) expect(logp).toBe(batch!.tokenReference.data[at]);
    });
    const optimizer = planOptimizer(given.settings);
    const state = initialTrainState({ ...plan.extras?.(), ...copyParams(given.reference) }, optimizer);
    for await (const { report } of train(state, plan.batches(), trainStep(plan.loss, optimizer)))
      expect(Number.isFinite(report.loss)).toBe(true);
  },
);

test('RFT takes right solutions alone, different ones', () => {
  const twice = { ...material({ batchSize: 3, updates: 1 }), trajectories: [...trajectories, ...trajectories] };
  const [batch] = [...rftPlan(twice).batches()];
  expect(batch!.rows.toSorted()).toEqual([0, 1, 2]);
});

test('an objective that is none is refused by name', async () => {
  await expect(planFor('ppo' as Objective, material())).rejects.toThrow(
    /^planFor: objective must be one of rft, dpo, (?=.*\bsft, )(?=.*\bipo, ).*, got 'ppo'$/,
  );
});

test.each(['dvo', 'dpo', 'kto'] as const)(
  '%s: the reference is read from its cache, with the same numbers',
  async (objective) => {
    const folder = mkdtempSync(join(tmpdir(), 'svo-reference-'));
    const open = () => referenceCache(folder, { weights: 'first' });
    const given = material({ updates: 3 });
    const { reports, weights } = await reportsOf(objective, given);
    const first = await open();
    const written = await reportsOf(objective, { ...given, referenceCache: first });
    const files = readdirSync(folder);
    const second = await open();
    const read = await reportsOf(objective, { ...given, referenceCache: second });
    expect(first.size()).toBeGreaterThan(0);
    expect([second.size(), readdirSync(folder)]).toEqual([first.size(), files]);
    for (const other of [written, read]) {
      expect(other.weights).toEqual(weights);
      expect(other.reports.map(({ loss }) => loss)).toEqual(reports.map(({ loss }) => loss));
    }
    rmSync(folder, { recursive: true });
  },
);
