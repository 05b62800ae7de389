import { loadLearner, rowMaterial, treeMaterial } from '@svo/recipes';
import { trainCode } from '../code/train-code.ts';
import { trainEstimate } from '../estimate/train-estimate.ts';
import { type TrainPlan, trainPlanOf } from '../plans/train-plan.ts';
import { startEngine } from '../shell/engine.ts';
import { files, openRun } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { readAll, readTrees } from '../stages/read-data.ts';
import { runTraining } from '../stages/training.ts';
import { type Command, defineCommand, type RunOptions } from './command.ts';

export const trainCommand: Command = defineCommand({
  name: 'train',
  summary: 'train a model on TRL rows, or on trees, under any objective',
  examples: [
    'svo train --model ./model --data chat.jsonl --objective dpo',
    'svo train --model ./model --data runs/search --objective dvo --set train.lora.rank=16',
  ],
  keys: ['model', 'data', 'objective', 'train', 'seed', 'out', 'backend', 'threads'],
  plan: trainPlanOf,
  code: trainCode,
  estimate: trainEstimate,
  run: runTrain,
});

async function runTrain(plan: TrainPlan, shell: Shell, { resume }: RunOptions): Promise<void> {
  const { out, engine, checkpointEvery: _, ...identity } = plan;
  const run = await openRun(out, { command: 'train', ...identity }, resume);
  if (run.has(files.summary)) return done(shell, plan, run.readJson(files.summary), run.path(files.model));
  await startEngine(engine, shell);
  const loaded = await loadLearner(plan.model);
  const material = plan.trees
    ? treeMaterial(readTrees(plan.data), { seed: plan.seed })
    : await rowMaterial(readAll(plan.data), loaded.learner);
  shell.signal.throwIfAborted();
  const { seed } = plan;
  const trained = await runTraining(run, shell, {
    stage: 'train',
    job: plan,
    loaded,
    material,
    seed,
    model: files.model,
  });
  const summary = { command: 'train', objective: plan.objective, ...trained };
  await run.write(files.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
  done(shell, plan, summary, run.path(files.model));
}

function done(shell: Shell, { objective }: TrainPlan, summary: Readonly<Record<string, unknown>>, model: string): void {
  const { updates, dropped, last } = summary as { updates: number; dropped: number; last: number };
  const left = dropped > 0 ? `, ${dropped} rows longer than train.maxLength left out` : '';
  shell.tell(
    'done',
    { ...summary, model },
    `${objective}: ${updates} updates, loss ${last.toFixed(4)}${left}\n  ${model}`,
  );
}
