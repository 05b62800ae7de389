import { installKernels } from '@svo/kernels';
import { dpoLoss, klEstimateLoss } from '@svo/losses';
import { causalLm, characterTokenizer } from '@svo/models';
import { tf, useBackend } from '@svo/tensor';
import { disposeTensors, type Report } from '@svo/train';
import { beforeAll, expect, test } from 'vitest';
import { lossNames, lossPlan } from './loss-plan.ts';
import { planFor } from './objectives.ts';
import { planOptimizer } from './optimizer.ts';
import type { Material, Plan } from './plan.ts';
import { dpoPlan } from './preference/pairs.ts';
import { settingsFor } from './settings.ts';
import { trainPlan } from './train-plan.ts';

const tokenizer = { ...characterTokenizer('0123456789+=? '), padId: 0 };
const sizes = { vocab_size: 20, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 };
const lm = causalLm({ model_type: 'llama', ...sizes, initializer_range: 0.2 });
let reference: ReturnType<typeof lm.init>;
beforeAll(async () => {
  await useBackend('wasm');
  await installKernels({ engine: 'wasm' });
  reference = lm.init(1);
});

const numbers = [1, 2, 3, 4];
const pairs = numbers.map((n) => ({
  questionId: `${n}`,
  prompt: `${n}+1=?`,
  chosen: `${n + 1}`,
  rejected: `${n + 2} `,
}));
const completions = pairs.flatMap(({ questionId, prompt, chosen, rejected }) => [
  { questionId, prompt, completion: chosen, label: true },
  { questionId, prompt, completion: rejected, label: false },
]);
const trajectories = completions.map(({ completion, label, ...row }) => {
  return { ...row, steps: [completion], reward: label ? 1 : -1, credits: [], values: [] };
});
/** Two steps each, with values, credits and labels. */
const judged = numbers.flatMap((n) =>
  [true, false].map((right) => ({
    ...{ questionId: `${n}`, prompt: `${n}+1+1=?`, steps: [`${n + 1}\n\n`, `${n + (right ? 2 : 3)}`] },
    ...{
      reward: right ? 1 : -1,
      values: [0, right ? 0.5 : -0.5, 0],
      credits: [right ? 0.5 : -0.5, right ? 0.5 : -0.5],
    },
    labels: [true, right],
  })),
);
const material = (objective: string): Material => ({
  ...{ learner: { lm, tokenizer }, trees: [], trajectories: [], reference, seed: 1 },
  settings: { ...settingsFor(objective), batchSize: 2, updates: 3, learningRate: 1e-2 },
});

async function losses(plan: Plan<object>, given: Material): Promise<number[]> {
  const reports: Report[] = [];
  for await (const { state, report } of trainPlan(plan, {
    params: reference,
    optimizer: planOptimizer(given.settings),
  })) {
    reports.push(report);
    if (report.step === plan.updates) disposeTensors(state);
  }
  return reports.map(({ loss }) => loss);
}

test.each(lossNames)('%s trains by its manifest alone', async (name) => {
  const given = { ...material(name) };
  const rows = /unpaired|^kto/.test(name)
    ? { completions }
    : /grpo|dapo|cispo|gspo|reinforce/.test(name)
      ? { trajectories }
      : /dvo|value|sft|dft|step-bce|pqm|prm/.test(name)
        ? { trajectories: judged }
        : { pairs };
  const plan = await planFor(name, { ...given, ...rows });
  const values = await losses(plan, given);
  expect(values).toHaveLength(3);
  expect(values.every(Number.isFinite)).toBe(true);
});

test('DPO by its manifest is the recipe, to the last bit', async () => {
  const given = { ...material('dpo'), pairs };
  expect(await losses(await lossPlan(dpoLoss, given), given)).toEqual(
    await losses((await dpoPlan(given)) as unknown as Plan<object>, given),
  );
});

test('options reach the loss, and what it does not know is refused; a loss without wiring is named', async () => {
  const given = { ...material('simpo'), pairs };
  const [near, far] = [
    await losses(await planFor('simpo', given, { margin: 0 }), given),
    await losses(await planFor('simpo', given, { margin: 5 }), given),
  ];
  expect(near[0]).not.toBe(far[0]);
  await expect(losses(await planFor('simpo', given, { gamma: 5 }), given)).rejects.toThrow("unknown option 'gamma'");
  await expect(lossPlan(klEstimateLoss, given)).rejects.toThrow('got klEstimateLoss');
});

/** The first loss on all of `judged`, a value head of zeros where there is one. */
async function firstLoss(name: string): Promise<number> {
  const settings = { ...material(name).settings, beta: 0.1, batchSize: 8, updates: 1 };
  const given = { ...material(name), trajectories: judged, settings };
  const plan = await planFor(name, given);
  const zeros = { 'value_head.weight': () => tf.zeros([1, 8]), 'value_head.bias': () => tf.zeros([1]) };
  const extras = () => Object.fromEntries(Object.entries(zeros).map(([key, make]) => [key, make()]));
  return (await losses(plan.values === undefined ? plan : { ...plan, extras }, given))[0]!;
}

test.each([
  // σ(0) = ½ for every label, and for a policy that is its own reference.
  ['step-bce', Math.log(2)],
  ['implicit-prm', Math.log(2)],
  // Squares of ½ and 1, a mean; squares of 1 at both tokens of every second row, a sum.
  ['value', 0.625],
  ['outcome-value', 1],
  // |c|·σ(0) with |c| = ½ everywhere, and c²/2.
  ['dvo-kto', 0.25],
  ['dvo', 0.125],
])('%s begins where its formula says', async (name, value) => {
  expect(await firstLoss(name)).toBeCloseTo(value, 5);
});

test('what a plan leaves is a policy, or a value model with its head’s range', async () => {
  const values = async (name: string) => (await planFor(name, { ...material(name), trajectories: judged })).values;
  expect(await Promise.all(['value', 'outcome-value', 'step-bce', 'pqm', 'implicit-prm', 'dft'].map(values))).toEqual([
    ...['tanh', 'identity', 'identity', 'identity', undefined, undefined],
  ]);
});

test('a value model learns what it is told of steps: values first, labels where there are none, outcomes where there is nothing else', async () => {
  const told = async (name: string, rows: Material['trajectories']): Promise<number[]> => {
    const [batch] = (
      await planFor(name, {
        ...material(name),
        trajectories: rows,
        settings: { ...material(name).settings, batchSize: 2 },
      })
    ).batches() as Iterable<unknown>;
    const {
      credits,
      right,
      rows: order,
    } = batch as { credits: { data: Float32Array }; right: { data: Float32Array }; rows: number[] };
    const of = name === 'pqm' ? right : credits;
    return order[0] === 0 ? [...of.data] : [...of.data.slice(2), ...of.data.slice(0, 2)];
  };
  const [right, wrong] = judged as [(typeof judged)[number], (typeof judged)[number]];
  const rows = [right, wrong];
  const bare = rows.map(({ labels: _, ...row }) => ({ ...row, values: [] }));
  const noValues = rows.map((row) => ({ ...row, values: [] }));
  expect(await told('value', rows)).toEqual([0.5, 1, -0.5, -1]);
  expect(await told('step-bce', rows)).toEqual([0.75, 1, 0.25, 0]);
  expect(await told('step-bce', noValues)).toEqual([1, 1, 1, 0]);
  expect(await told('step-bce', bare)).toEqual([1, 1, 0, 0]);
  expect(await told('pqm', rows)).toEqual([1, 1, 1, 0]);
  expect(await told('pqm', bare)).toEqual([1, 1, 0, 0]);
});

test('labelled completions teach a verifier as well; a policy on a server teaches none here', async () => {
  for (const name of ['implicit-prm', 'outcome-value', 'step-bce'])
    expect((await planFor(name, { ...material(name), completions })).updates).toBe(3);
  const server = {
    ...material('value'),
    learner: { lm: { tokenLogps: lm.tokenLogps }, tokenizer },
    trajectories: judged,
  };
  await expect(planFor('value', server)).rejects.toThrow('valueLoss: learner must be a decoder that is held here');
  const frozen = { logps: async () => [] };
  const kto = { ...material('dvo-kto'), trajectories: judged, reference: frozen };
  await expect(planFor('dvo-kto', kto)).rejects.toThrow('dvoKtoLoss: reference must be weights');
});

test('rows longer than maxLength are left out as a whole, and counted', async () => {
  const given = { ...material('dpo'), pairs };
  // '1+1=?' and '2 ' are seven letters, with an end none here: the longest side of every pair.
  const { settings } = given;
  const all = await dpoPlan({ ...given, settings: { ...settings, maxLength: 20 } });
  const none = await dpoPlan({ ...given, settings: { ...settings, maxLength: 6 } });
  expect([all.dropped, none.dropped, none.updates]).toEqual([0, 4, 0]);
  await expect(losses(none as unknown as Plan<object>, given)).rejects.toThrow('plan must have updates');
  const passes = await dpoPlan({ ...given, settings: { ...settings, epochs: 3 } });
  expect(passes.updates).toBe(6);
});

test('a training that was stopped goes on from its checkpoint, bit for bit, and keeps no tensor', async () => {
  const given = { ...material('dpo'), pairs, settings: { ...material('dpo').settings, updates: 8 } };
  const { mkdtempSync } = await import('node:fs');
  const folder = mkdtempSync(`${(await import('node:os')).tmpdir()}/svo-`);
  const plan = (await dpoPlan(given)) as unknown as Plan<object>;
  const straight = await losses(plan, given);
  const tensors = tf.memory().numTensors;
  const stop = new AbortController();
  const parts: number[] = [];
  for (const signal of [stop.signal, new AbortController().signal]) {
    const optimizer = planOptimizer(given.settings);
    const run = trainPlan(plan, { params: reference, optimizer, checkpoints: folder, every: 100, signal });
    let last: object | undefined;
    for await (const { state, report } of run) {
      parts.push(report.loss);
      last = state;
      if (report.step === 3) stop.abort();
    }
    disposeTensors(last);
  }
  expect(parts).toEqual(straight);
  expect(tf.memory().numTensors).toBe(tensors);
});
