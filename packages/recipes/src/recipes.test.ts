import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceCache } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { aboveOtherSteps, drawnTrajectories, minFormAdvantages, prefixTree } from '@svo/mcts';
import { causalLm, type Params, wordTokenizer } from '@svo/models';
import { tf, useBackend } from '@svo/tensor';
import { copyParams, disposeTensors, initialTrainState, type Report, train, trainStep } from '@svo/train';
import { mathVerifier } from '@svo/verify';
import { beforeAll, describe, expect, test } from 'vitest';
import { rftPlan } from './likelihood/rft.ts';
import { type Objective, objectives, planFor } from './objectives.ts';
import { planOptimizer } from './optimizer.ts';
import type { Learner, Material, Plan, Settings } from './plan.ts';
import { grpoPlan, type PolicyGradientBatch, vinePlan } from './policy-gradient/policy-gradient.ts';
import { type SvpoPlanOptions, svpoPlan } from './preference/svpo.ts';
import { defaultSettings } from './settings.ts';
import { dvoPlan, dvoResponsePlan } from './steps/dvo.ts';
import { type DqoPlanOptions, dqoPlan } from './tokens/dqo.ts';
import { primeDvoPlan, withImplicitCredits } from './verifiers/prime.ts';

const tokenizer = {
  ...wordTokenizer({ words: ['\n\n', 'Final Answer: ', ...'0123456789+=?'], pattern: '\n\n|Final Answer: |[\\s\\S]' }),
  padId: 0,
};
const lm = causalLm({
  model_type: 'llama',
  vocab_size: 20,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  initializer_range: 0.2,
  ...(tokenizer.eosId !== undefined && { eos_token_id: tokenizer.eosId }),
});
const learner: Learner = { lm, tokenizer };

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
const trajectories = trees.flatMap((tree) => drawnTrajectories(tree));

/** Material whose reference is here. */
type LocalMaterial = Material & { readonly reference: Params };

const material = (settings: Partial<Settings> = {}): LocalMaterial => ({
  learner,
  trees,
  trajectories,
  reference: lm.init(1),
  settings: { beta: 0.1, learningRate: 1e-2, batchSize: 2, updates: 6, ...settings },
  seed: 7,
});

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

test('GRPO’s tokens have their response’s advantage, Vine’s their step’s credit, and unscored tokens none', async () => {
  const given = material({ batchSize: 9, updates: 1 });
  const [group] = [...(await grpoPlan(given)).batches()];
  const [vine] = [...(await vinePlan(given)).batches()];
  const length = group!.stepIds.shape[1]!;
  group!.rows.forEach((row, i) => {
    const { questionId, credits, reward } = trajectories[row]!;
    const rewards = trajectories.filter((one) => one.questionId === questionId).map((one) => one.reward);
    const mean = rewards.reduce((sum, r) => sum + r, 0) / rewards.length;
    const deviation = Math.sqrt(rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (rewards.length - 1));
    for (let t = 0; t < length; t++) {
      const step = group!.stepIds.data[i * length + t]!;
      const at = (batch: typeof group): number => batch!.advantages.data[i * length + t]!;
      expect(at(group)).toBeCloseTo(step < 0 ? 0 : (reward - mean) / (deviation + 1e-6), 5);
      expect(at(vine)).toBeCloseTo(step < 0 ? 0 : credits[step]!, 6);
    }
  });
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

test('policy gradients in trees look their steps up there: TreeRL, TreeRPO, TEMPO; others compare responses', async () => {
  const given = material({ batchSize: 9, updates: 1 });
  const rows = async (objective: Objective) => {
    const [batch] = [...(await planFor(objective, given)).batches()] as PolicyGradientBatch[];
    const length = batch!.stepIds.shape[1]!;
    return new Map(
      batch!.rows.map((row, i) => {
        const at = (step: number): number => batch!.stepIds.data.indexOf(step, i * length);
        return [row, trajectories[row]!.steps.map((_, step) => batch!.advantages.data[at(step)]!)];
      }),
    );
  };
  // r = 1, −1, −1: V of the question −1/3, of the shared right first step 0. By hand.
  const third = 1 / 3;
  const deviation = Math.sqrt(4 / 3) + 1e-6;
  const expected: Partial<Record<Objective, readonly (readonly number[])[]>> = {
    treerl: [
      [(2 * third) / Math.SQRT2, third / Math.SQRT2, 4 * third + 1],
      [-4 * third, -2 * third, -2 * third],
    ],
    treerpo: [
      [third, 0, 1],
      [-2 * third, 0, 0],
    ],
    spo: [
      [third, 0, 1],
      [-2 * third, 0, 0],
    ],
    // Within the question 4/3 and −2/3 over its deviation; of the two that began alike ±1 over √2.
    'tree-grpo': [
      [4, 4, 4].map((x) => (x * third) / deviation + 1 / (Math.SQRT2 + 1e-6)),
      [-2, -2, -2].map((x) => (x * third) / deviation),
    ],
    // Chances 1/3, ½, 1, and of four attempts 1 − (2/3)⁴, 1 − (1/2)⁴, 1.
    pav: [
      [1 / 6 + 3 * ((2 / 3) ** 4 - (1 / 2) ** 4), 0, 1 / 2 + 3 * (1 / 2) ** 4],
      [-third - 3 * (1 - (2 / 3) ** 4), 0, 0],
    ],
    tempo: [
      [5 * third, 4 * third, 7 * third].map((x) => x / deviation),
      [-4 * third, -2 * third, -2 * third].map((x) => x / deviation),
    ],
    rloo: [
      [2, 2, 2],
      [-1, -1, -1],
    ],
    'dr-grpo': [
      [4 * third, 4 * third, 4 * third],
      [-2 * third, -2 * third, -2 * third],
    ],
  };
  const right = trajectories.findIndex(({ reward }) => reward > 0);
  const wrong = trajectories.findIndex(({ steps }) => steps[0] !== trajectories[right]!.steps[0]);
  for (const [objective, [good, bad]] of Object.entries(expected)) {
    const found = await rows(objective as Objective);
    for (const [row, advantages] of [
      [right, good!],
      [wrong, bad!],
    ] as const)
      for (const [step, a] of advantages.entries())
        expect(found.get(row)![step], `${objective} ${row} ${step}`).toBeCloseTo(a, 5);
  }
  const own = trajectories.filter(({ questionId }) => questionId === 'q1');
  const pure = minFormAdvantages(
    own.map(({ steps, values, reward }) => steps.map((_, t) => (t === steps.length - 1 ? reward : values[t + 1]!))),
  );
  const found = await rows('pure');
  for (const [i, one] of own.entries())
    for (const [t, a] of pure[i]!.entries()) expect(found.get(trajectories.indexOf(one))![t]).toBeCloseTo(a, 5);
  const elsewhere = { ...given, trees: [] };
  await expect(planFor('tempo', elsewhere)).rejects.toThrow(
    "tempo: the trees of question 'q1' must hold every trajectory, and one is in none of them",
  );
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

test('SPO trains the tokens alone that the policy was unsure of, the others all that are scored', async () => {
  const given = material({ batchSize: 9, updates: 1 });
  // The first token of every step was nearly certain.
  const drawn = trajectories.map((one) => ({
    ...one,
    draws: one.steps.map((step) => {
      const tokenIds = tokenizer.encode(step);
      return { tokenIds, logps: tokenIds.map((_, t) => (t === 0 ? -0.01 : -0.25)) };
    }),
  }));
  const batchOf = async (name: Objective): Promise<PolicyGradientBatch> => {
    const [batch] = [...(await planFor(name, { ...given, trajectories: drawn })).batches()] as PolicyGradientBatch[];
    return batch!;
  };
  const [unsure, all] = [await batchOf('spo'), await batchOf('vine')];
  expect([...all.trained.data]).toEqual([...all.stepIds.data].map((step) => Number(step >= 0)));
  const sure = [...unsure.behaviorLogps.data].map((logp) => Math.exp(logp) >= 0.9);
  expect(sure.filter(Boolean).length).toBeGreaterThanOrEqual(27);
  expect([...unsure.trained.data]).toEqual([...all.trained.data].map((m, at) => (sure[at] ? 0 : m)));
});

describe('PRIME’s rewards', () => {
  test('are credits that say which responses were right; DVO’s are above those of the question’s other responses', async () => {
    const given = material({ batchSize: 9, updates: 30 });
    const valued = await withImplicitCredits(given);
    const totals = valued.trajectories.map(({ credits }) => credits.reduce((sum, c) => sum + c, 0));
    valued.trajectories.forEach(({ questionId, reward, steps, credits }, i) => {
      expect(credits).toHaveLength(steps.length);
      if (reward < 0) return;
      valued.trajectories.forEach((other, j) => {
        if (other.questionId === questionId && other.reward < 0) expect(totals[i]!).toBeGreaterThan(totals[j]!);
      });
    });
    const [batch] = [...(await primeDvoPlan(given)).batches()];
    const width = batch!.credits.shape[1]!;
    batch!.rows.forEach((row, i) => {
      const group = valued.trajectories.filter(({ questionId }) => questionId === trajectories[row]!.questionId);
      const above = aboveOtherSteps(group.map(({ credits }) => credits));
      const own = above[group.indexOf(valued.trajectories[row]!)]!;
      own.forEach((credit, t) => {
        expect(batch!.credits.data[i * width + t]).toBeCloseTo(credit, 5);
      });
    });
  });

  test('are the same for the same seed, and others for another', async () => {
    const given = material({ batchSize: 2, updates: 4 });
    const credits = async (seed: number) =>
      (await withImplicitCredits({ ...given, seed })).trajectories.map((one) => one.credits);
    expect(await credits(1)).toEqual(await credits(1));
    expect(await credits(2)).not.toEqual(await credits(1));
  });
});

test('RFT takes right solutions alone, different ones', () => {
  const twice = { ...material({ batchSize: 3, updates: 1 }), trajectories: [...trajectories, ...trajectories] };
  const [batch] = [...rftPlan(twice).batches()];
  expect(batch!.rows.toSorted()).toEqual([0, 1, 2]);
});

test('an objective that is none is refused by name', async () => {
  await expect(planFor('ppo' as Objective, material())).rejects.toThrow(
    /^planFor: objective must be one of rft, dpo, .*, sft, .*ipo, .*, got 'ppo'$/,
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
