import { installKernels } from '@svo/kernels';
import { minFormAdvantages } from '@svo/mcts';
import { useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { type Objective, planFor } from '../objectives.ts';
import { material, tokenizer, trajectories } from '../test-support/material.ts';
import { grpoPlan, type PolicyGradientBatch, vinePlan } from './policy-gradient.ts';

beforeAll(async () => {
  await useBackend('wasm');
  await installKernels({ engine: 'wasm' });
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
