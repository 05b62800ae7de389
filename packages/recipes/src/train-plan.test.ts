/** Adapters over a base that is not in the checkpoint: it is found again wherever it went, and refused where it is another. */
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installKernels } from '@svo/kernels';
import { applyLora, initLora, loadPretrained, mergeLora, savePretrained, type WeightWidth } from '@svo/models';
import { tf, useBackend } from '@svo/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planOptimizer } from './optimizer.ts';
import { dvoPlan } from './steps/dvo.ts';
import { lm, material, tokenizer } from './test-support/material.ts';
import { trainPlan } from './train-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'svo-base-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
const lora = { rank: 2, alpha: 4 };

beforeAll(async () => {
  await useBackend('wasm');
  await installKernels({ engine: 'wasm' });
  await savePretrained(at('base'), { lm, params: lm.init(1), tokenizer });
});

/** How a training is run: where its checkpoints lie, how many updates it makes before it is stopped, and how the base is held. */
interface Running {
  readonly checkpoints?: string;
  readonly most?: number;
  readonly weights?: WeightWidth;
}

/** Trains adapters over a folder's weights, from the checkpoint where there is one: the updates it made, and every adapter's numbers. */
async function trained(base: string, { checkpoints, most = 6, weights = 'float32' }: Running = {}) {
  const { lm: own, params } = await loadPretrained(base, { weights });
  const given = material({ updates: 6 });
  const learner = { ...given.learner, lm: applyLora(own, lora) };
  const plan = dvoPlan({ ...given, learner, reference: params });
  const stop = new AbortController();
  const run = trainPlan(await plan, {
    ...{ params, adapters: initLora(own, lora, 3), optimizer: planOptimizer(given.settings), signal: stop.signal },
    ...(checkpoints !== undefined && { checkpoints, every: 2 }),
  });
  let adapters: Record<string, number[]> = {};
  const steps: number[] = [];
  // A training that is told to stop makes the update it is at.
  if (most === 1) stop.abort();
  for await (const { state, report } of run) {
    steps.push(report.step);
    if (steps.length === most - 1) stop.abort();
    const names = Object.keys(state.params).filter((name) => name.includes('lora'));
    adapters = Object.fromEntries(names.map((name) => [name, [...state.params[name]!.dataSync()]]));
  }
  return { adapters, steps };
}

test('a base that was moved, renamed or laid into other files is found; stopped anywhere, twice in a row and at the last', async () => {
  const straight = await trained(at('base'));
  expect(straight.steps).toEqual([1, 2, 3, 4, 5, 6]);
  cpSync(at('base'), at('elsewhere'), { recursive: true });
  renameSync(at('elsewhere'), at('renamed'));
  const { lm: again, params } = await loadPretrained(at('base'));
  await savePretrained(at('sharded'), { lm: again, params, tokenizer, shardBytes: 2000 });
  const parts = [
    ...[
      { base: 'base', most: 1 },
      { base: 'renamed', most: 1 },
      { base: 'sharded', most: 2 },
    ],
    ...[{ base: 'base', most: 1 }, { base: 'renamed', most: 1 }, { base: 'sharded', most: 1 }, { base: 'base' }],
  ];
  const seen: number[][] = [];
  let last = straight;
  for (const { base, ...most } of parts) {
    last = await trained(at(base), { checkpoints: at('moved'), ...most });
    seen.push(last.steps);
  }
  // After the last update there is none, and its report comes once more.
  expect(seen).toEqual([[1], [2], [3, 4], [5], [6], [6], [6]]);
  expect(last.adapters).toEqual(straight.adapters);
});

test('a base that was merged, stored in fewer bits or exchanged for one of the same shapes is refused by name', async () => {
  const { lm: own, params } = await loadPretrained(at('base'));
  await trained(at('base'), { checkpoints: at('stopped'), most: 3 });
  const up = Object.fromEntries(
    Object.entries(initLora(own, lora, 3)).map(([name, a]) => [name, name.includes('lora_B') ? tf.add(a, 0.1) : a]),
  );
  await savePretrained(at('merged'), { lm: own, params: mergeLora({ ...params, ...up }, lora), tokenizer });
  await savePretrained(at('half'), { lm: own, params, tokenizer, dtype: 'BF16' });
  await savePretrained(at('other'), { lm, params: lm.init(2), tokenizer });
  for (const base of ['merged', 'half', 'other'])
    await expect(trained(at(base), { checkpoints: at('stopped') })).rejects.toThrow(
      'was trained on other base weights',
    );
  expect((await trained(at('base'), { checkpoints: at('stopped') })).adapters).toEqual(
    (await trained(at('base'))).adapters,
  );
});

test('so are frozen matrices, which are no parameters: another width of the same model, and another model', async () => {
  const straight = await trained(at('base'), { weights: 'int8' });
  await trained(at('base'), { checkpoints: at('frozen'), most: 3, weights: 'int8' });
  // The norms are the same ones: nothing among the parameters tells these apart.
  await savePretrained(at('alike'), { lm, params: lm.init(2), tokenizer });
  for (const [base, weights] of [
    ['base', 'int4'],
    ['base', 'stored'],
    ['alike', 'int8'],
  ] as const)
    await expect(trained(at(base), { checkpoints: at('frozen'), weights })).rejects.toThrow(
      'over other frozen matrices',
    );
  expect((await trained(at('base'), { checkpoints: at('frozen'), weights: 'int8' })).adapters).toEqual(
    straight.adapters,
  );
});
