/** Whom DQO's importance weights are taken against: rows of an older policy, sampled otherwise, by way of a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRows, toTrlRow, writeRows } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { importanceWeights } from '@svo/losses';
import { drawnTrajectories } from '@svo/mcts';
import { wholeFormat } from '@svo/mdp';
import { applyLora, initLora, localPolicy, type Params } from '@svo/models';
import { tf, useBackend } from '@svo/tensor';
import { mathVerifier } from '@svo/verify';
import { beforeAll, expect, test } from 'vitest';
import { drawTrees } from '../answers/draw-trees.ts';
import type { JudgedTrajectory, Material } from '../plan.ts';
import { rowMaterial } from '../rows/row-material.ts';
import { lm, material, tokenizer } from '../test-support/material.ts';
import { primeDqoPlan } from '../verifiers/prime.ts';
import { dqoPlan } from './dqo.ts';

beforeAll(async () => {
  await useBackend('wasm');
  await installKernels({ engine: 'wasm' });
});

const questions = [1, 2, 3].map((n) => ({ id: `q${n}`, prompt: `${n}+${n}=?\n\n`, answer: String(n + n) }));

/** What some weights draw, written to a file and read back. */
async function drawnBy(params: Params, sampling: { temperature?: number; topK?: number; topP?: number }) {
  const drawing = { lm, params, tokenizer, format: wholeFormat, maxTokens: 9, id: 'drawer', ...sampling };
  const trajectories: JudgedTrajectory[] = [];
  for await (const tree of drawTrees({
    ...{ policy: localPolicy(drawing), questions, verifier: mathVerifier, draws: 4, tokenizer, seed: 5 },
  }))
    trajectories.push(...drawnTrajectories(tree));
  const folder = mkdtempSync(join(tmpdir(), 'svo-drawn-'));
  try {
    await writeRows(
      join(folder, 'rows.jsonl'),
      trajectories.map((one) => toTrlRow(one)),
    );
    const read = await rowMaterial(readRows(join(folder, 'rows.jsonl')), { tokenizer });
    return { trajectories, read: read.trajectories };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const logpsOf = (
  model: typeof lm,
  params: Params,
  ids: { data: ArrayLike<number>; shape: readonly number[] },
): number[] =>
  tf.tidy(() => [
    ...model
      .tokenLogps(params, tf.tensor2d([...(ids.data as Int32Array)], ids.shape as [number, number], 'int32'))
      .dataSync(),
  ]);

test.each([{}, { temperature: 0.6 }, { temperature: 1.7, topK: 6 }, { topP: 0.8 }])(
  'behind %o, a file and adapters, the weights are the drawer’s own, in float64',
  async (sampling) => {
    const drawer = lm.init(31);
    const { trajectories, read } = await drawnBy(drawer, sampling);
    expect(read.length).toBeGreaterThan(6);
    expect(read.map(({ draws }) => draws)).toEqual(trajectories.map(({ draws }) => draws));
    const given = material({ batchSize: read.length, updates: 1 });
    const lora = { rank: 2, alpha: 64 };
    const learner = { ...given.learner, lm: applyLora(lm, lora) };
    const plan = await dqoPlan({ ...given, learner, trajectories: read });
    const [batch] = [...plan.batches()];
    const { ids, stepIds, behaviorLogps } = batch!;
    const [rows, width] = ids.shape as [number, number];
    const own = logpsOf(lm, drawer, ids);
    const reference = logpsOf(lm, given.reference, ids);
    const adapters = Object.fromEntries(
      Object.entries(initLora(lm, lora, 3)).map(([name, a]) => [
        name,
        name.includes('lora_B') ? tf.fill(a.shape, 0.3) : a,
      ]),
    );
    const policy = logpsOf(learner.lm, { ...given.reference, ...adapters }, ids);
    let unknown = 0;
    const sums = Array.from({ length: rows }, () => 0);
    stepIds.data.forEach((step, at) => {
      if (step < 0) return;
      const mu = behaviorLogps.data[at]!;
      // Of a token that was not drawn, such as an end put behind an answer that was cut, the reference's is the guess.
      const isDrawn = Math.abs(mu - own[at]!) < 2e-5;
      if (!isDrawn) {
        expect(mu).toBeCloseTo(reference[at]!, 5);
        unknown++;
      }
      sums[Math.floor(at / width)]! += policy[at]! - (isDrawn ? own : reference)[at]!;
    });
    const scored = stepIds.data.filter((step) => step >= 0).length;
    expect(unknown).toBeLessThan(scored / 4);
    expect(batch!.unknownLogps).toBe(unknown / scored);
    const weights = tf.tidy(() =>
      importanceWeights(
        tf.tensor2d(policy, [rows, width]),
        tf.tensor2d([...behaviorLogps.data], [rows, width]),
        tf.tensor2d(
          Float32Array.from(stepIds.data, (step) => Number(step >= 0)),
          [rows, width],
        ),
      ).dataSync(),
    );
    const expected = sums.map((sum) => Math.min(Math.E, Math.exp(sum)));
    expect(new Set(expected).size).toBeGreaterThan(4);
    for (const [row, weight] of expected.entries()) expect(weights[row]! / weight).toBeCloseTo(1, 3);
  },
);

test('trajectories that nobody drew are left out and told, or refused; what to do instead is a choice by name', async () => {
  const given = material({ batchSize: 4, updates: 1 });
  const without = (keeps: (at: number) => boolean): Material => ({
    ...given,
    trajectories: given.trajectories.map(({ draws, ...one }, at) => (keeps(at) ? { ...one, draws: draws! } : one)),
  });
  const mixed = await dqoPlan(without((at) => at % 2 === 0));
  expect(mixed.dropped).toBe(4);
  for (const { unknownLogps } of mixed.batches()) expect(unknownLogps).toBeLessThan(0.2);
  expect((await dqoPlan(given)).dropped).toBe(0);
  const refused = 'dqoPlan: trajectories must have draws';
  await expect(dqoPlan(without(() => false))).rejects.toThrow(refused);
  const nulls = given.trajectories.map((one) => ({ ...one, draws: one.steps.map(() => undefined) }));
  await expect(dqoPlan({ ...given, trajectories: nulls })).rejects.toThrow(refused);
  await expect(primeDqoPlan(without(() => false))).rejects.toThrow('primeDqoPlan: trajectories must have draws');
  await expect(dqoPlan(given, { importanceWeights: 'ref' as never })).rejects.toThrow(
    'importanceWeights must be true, false or \'reference\', got "ref"',
  );
  const bare = without(() => false);
  const [batch] = [...(await dqoPlan(bare, { importanceWeights: 'reference' })).batches()];
  expect([...batch!.behaviorLogps.data]).toEqual([...batch!.tokenReference.data]);
  expect(batch!.unknownLogps).toBe(1);
  expect([...(await dqoPlan(bare, { importanceWeights: false })).batches()]).toHaveLength(2);
});
