/** One stage of training: updates until the batches end, checkpoints on the way, resumable at any of them. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import type { Params } from '@svo/models';
import type { Plan } from '@svo/recipes';
import {
  copyParams,
  disposeTensors,
  initialTrainState,
  loadCheckpoint,
  type Optimizer,
  saveCheckpoint,
  type TrainState,
  train,
  trainStep,
} from '@svo/train';
import type { Job } from '../job.ts';
import { createBar } from '../shell/bars.ts';
import { loadWeights, saveWeights } from '../shell/learner.ts';
import { files } from '../shell/run-folder.ts';

/** What a stage trains. */
export interface TrainingStage<B extends object> {
  readonly name: string;
  /** What is shown beside the name. */
  readonly label: string;
  readonly plan: Plan<B>;
  readonly optimizer: Optimizer;
  /** Asked after every update: whether the stage is over, when it does not end with the plan's updates. */
  readonly over?: (state: TrainState) => Promise<boolean>;
  /** What its material can teach: put into the first report, where `diagnose` looks for it. */
  readonly about?: Readonly<Record<string, number>>;
}

/**
 * Trains `start` (which is copied, not consumed) and saves the weights under the stage's name. A finished stage is loaded,
 * an interrupted one goes on from its last checkpoint, to the same weights bit for bit. The caller disposes the weights.
 */
export async function runTraining<B extends object>(job: Job, stage: TrainingStage<B>, start: Params): Promise<Params> {
  const { run, learner, metrics } = job;
  const { name, plan, optimizer } = stage;
  if (isTrained(job, name)) return loadWeights(run, name);
  const progress = run.path(files.progress(name));
  let state = hasCheckpoint(progress)
    ? await loadCheckpoint(progress)
    : initialTrainState({ ...plan.extras?.(), ...copyParams(start) }, optimizer);
  await metrics.rewind(name, state.step);
  const bar = createBar(`${name}: ${stage.label}`, 'updates');
  bar.start(plan.updates, state.step);
  for await (const result of train(state, plan.batches(state.cursor), trainStep(plan.loss, optimizer))) {
    state = result.state;
    metrics.log(name, state.step === 1 ? { ...result.report, ...stage.about } : result.report);
    bar.update(state.step, `loss ${result.report.loss.toFixed(4)}`);
    if (state.step === plan.updates || (await stage.over?.(state))) break;
    if (state.step % job.updatesBetweenCheckpoints === 0) {
      metrics.flush();
      await saveCheckpoint(progress, state, { keep: 1 });
    }
  }
  bar.stop();
  metrics.flush();
  await saveWeights(run, name, learner, state.params);
  rmSync(progress, { recursive: true, force: true });
  disposeTensors([state.optimizer]);
  return state.params;
}

/** Whether a stage was trained to its end: then `loadWeights` has its weights, and its plan need not be made. */
export const isTrained = ({ run }: Pick<Job, 'run'>, name: string): boolean =>
  run.has(`${files.checkpoint(name)}/model.safetensors`);

/** A kill during the very first save leaves a folder without a whole checkpoint: then the stage begins again. */
function hasCheckpoint(progress: string): boolean {
  return existsSync(progress) && readdirSync(progress).some((name) => /^step-\d+$/.test(name));
}
