import { loadLearner, type RowMaterial, rowMaterial, treeMaterial } from '@svo/recipes';
import { trainCode } from '../code/train-code.ts';
import { trainEstimate } from '../estimate/train-estimate.ts';
import { runTraining, type Trained } from '../learning/training.ts';
import { runTrainingThere } from '../learning/training-there.ts';
import { reachTinker } from '../models/open-policy.ts';
import { identityOf, type There } from '../plans/there.ts';
import { type TrainPlan, trainPlanOf } from '../plans/train-plan.ts';
import { startEngine } from '../shell/engine.ts';
import { files, openRun, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { diagnosesOf, diagnosisLines } from '../stages/diagnosis.ts';
import { readAll, readTrees } from '../stages/read-data.ts';
import { type Command, defineCommand, type RunOptions } from './command.ts';

export const trainCommand: Command = defineCommand({
  name: 'train',
  summary: 'train a model on TRL rows, or on trees, under any objective',
  examples: [
    'svo train --model ./model --data chat.jsonl --objective dpo',
    'svo train --model ./model --data runs/search --objective dvo --set train.lora.rank=16',
    'svo train --model tinker://127.0.0.1:8000/Qwen/Qwen3-0.6B --data runs/search --objective dvo --set server.tokenizer=./tokenizer',
  ],
  keys: ['model', 'data', 'objective', 'train', 'server', 'seed', 'out', 'backend', 'threads'],
  plan: trainPlanOf,
  code: trainCode,
  estimate: trainEstimate,
  run: runTrain,
});

async function runTrain(plan: TrainPlan, shell: Shell, { resume }: RunOptions): Promise<void> {
  const { out, engine, there, checkpointEvery: _, ...rest } = plan;
  const run = await openRun(out, { command: 'train', ...rest, ...identityOf(there) }, resume);
  const model = run.path(there === undefined ? files.model : files.adapter(files.model));
  if (run.has(files.summary)) return done(shell, run, plan, run.readJson(files.summary), model);
  await startEngine(engine, shell);
  const trained = await (there === undefined ? trainHere(run, shell, plan) : trainThere(run, shell, plan, there));
  const summary = { command: 'train', objective: plan.objective, ...trained };
  await run.write(files.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
  done(shell, run, plan, summary, model);
}

async function trainHere(run: RunFolder, shell: Shell, plan: TrainPlan): Promise<Trained> {
  const loaded = await loadLearner(plan.model);
  const material = await materialOf(plan, loaded.learner);
  shell.signal.throwIfAborted();
  const { seed } = plan;
  return runTraining(run, shell, { stage: 'train', job: plan, loaded, material, seed, model: files.model });
}

async function trainThere(run: RunFolder, shell: Shell, plan: TrainPlan, there: There): Promise<Trained> {
  const reached = await reachTinker(there.place, there.server);
  try {
    const material = await materialOf(plan, reached);
    shell.signal.throwIfAborted();
    const { seed } = plan;
    const adapter = files.adapter(files.model);
    return await runTrainingThere(run, shell, { stage: 'train', job: plan, there, reached, material, seed, adapter });
  } finally {
    await reached.service.close();
  }
}

const materialOf = (
  { trees, data, seed }: TrainPlan,
  reader: Parameters<typeof rowMaterial>[1],
): RowMaterial | Promise<RowMaterial> =>
  trees ? treeMaterial(readTrees(data), { seed }) : rowMaterial(readAll(data), reader);

function done(
  shell: Shell,
  run: RunFolder,
  { objective }: TrainPlan,
  summary: Readonly<Record<string, unknown>>,
  model: string,
): void {
  const { updates, dropped, last, path } = summary as {
    updates: number;
    dropped: number;
    last: number;
    path?: string;
  };
  const left = dropped > 0 ? `, ${dropped} rows left out, longer than train.maxLength or without draws` : '';
  const diagnoses = diagnosesOf(run);
  const lines = [
    `${objective}: ${updates} updates, loss ${last.toFixed(4)}${left}`,
    ...diagnosisLines(diagnoses),
    ...(path === undefined ? [] : [`  ${path}`]),
    `  ${model}`,
  ];
  shell.tell('done', { ...summary, diagnoses, model }, lines.join('\n'));
}
