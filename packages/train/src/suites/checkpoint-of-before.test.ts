/** A checkpoint that commit 2c87513 wrote (golden/checkpoint.ts) is read, and training goes on from it to that commit's weights. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import { checkpointReport, loadCheckpoint, saveCheckpoint } from '../checkpoints/checkpoint.ts';
import { adamw } from '../optimizers/adamw.ts';
import { clipByGlobalNorm } from '../optimizers/clip-by-global-norm.ts';
import { chain } from '../optimizers/optimizer.ts';
import { cosine } from '../optimizers/schedules.ts';
import { disposeTensors } from '../params.ts';
import { train } from '../step/train.ts';
import { trainStep } from '../step/train-step.ts';

const golden = join(import.meta.dirname, '..', '..', 'golden', 'checkpoint-2c87513');
const batches = Array.from({ length: 6 }, (_, at) => {
  const x = Float32Array.from({ length: 8 }, (_, i) => Math.sin(1 + 3 * at + i));
  const y = x.map((value) => 2 * value - 0.5);
  return { x: { data: x, shape: [8, 1] }, y: { data: y, shape: [8, 1] }, cursor: { epoch: 0, batch: at + 1 } };
});

test('is read, its report too, and training goes on from it', async () => {
  const state = await loadCheckpoint(golden);
  const { step, after, cursor } = JSON.parse(await readFile(join(golden, 'after.json'), 'utf8'));
  expect([state.step, state.cursor]).toEqual([3, { epoch: 0, batch: 3 }]);
  expect((await checkpointReport(golden))?.loss).toBe(1.2404826879501343);
  const optimizer = chain(
    clipByGlobalNorm(0.5),
    adamw({ learningRate: cosine({ from: 0.1, steps: 6 }), weightDecay: 0.01 }),
  );
  const update = trainStep<(typeof batches)[number]>(
    ({ 'layer.weight': weight, 'layer.bias': bias }, { x, y }) =>
      tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, weight!), bias!), y))),
    optimizer,
  );
  let last = state;
  for await (const result of train(state, batches.slice(state.step), update)) last = result.state;
  expect([last.step, last.cursor]).toEqual([step, cursor]);
  // Within float32's rounding: another backend sums eight numbers in another order.
  for (const [name, values] of Object.entries<number[]>(after))
    [...(await last.params[name]!.data())].forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThan(1e-6);
    });
  disposeTensors([last]);
});

test('what is saved from it is read again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'svo-before-'));
  await cp(golden, folder, { recursive: true });
  const state = await loadCheckpoint(folder);
  await saveCheckpoint(folder, { ...state, step: 4 }, { keep: 1 });
  const again = await loadCheckpoint(folder);
  expect(again.step).toBe(4);
  expect([...(await again.params['layer.weight']!.data())]).toEqual([...(await state.params['layer.weight']!.data())]);
  disposeTensors([state, again]);
  await rm(folder, { recursive: true });
});
