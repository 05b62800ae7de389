/** One stage of training: updates until the batches end, checkpoints on the way, resumable at any of them. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import {
  copyParams,
  disposeTensors,
  initialTrainState,
  loadCheckpoint,
  type Optimizer,
  type Params,
  type Step,
  saveCheckpoint,
  train,
} from '@svo/train';
import type { Bar } from './bars.ts';
import { type Learner, loadWeights, saveWeights } from './learner.ts';
import type { Metrics } from './metrics.ts';
import { files, type RunFolder } from './run-folder.ts';

/** What a stage trains: how a step is made, on which batches, for how many updates. */
export interface TrainingStage<B extends object> {
  readonly name: string;
  readonly updates: number;
  readonly optimizer: Optimizer;
  readonly step: Step<B>;
  /** The stage's batches from a cursor on; from the beginning without one. */
  readonly batches: (cursor: unknown) => Iterable<B>;
  readonly updatesBetweenCheckpoints: number;
}

/**
 * Trains `start` (which is copied, not consumed) and saves the weights under the stage's name. A finished stage is loaded,
 * an interrupted one goes on from its last checkpoint, to the same weights bit for bit.
 */
export async function runTraining<B extends object>(
  run: RunFolder,
  learner: Learner,
  stage: TrainingStage<B>,
  start: Params,
  metrics: Metrics,
  bar: Bar,
): Promise<Params> {
  if (run.has(`${files.checkpoint(stage.name)}/model.safetensors`)) return loadWeights(run, stage.name);
  const progress = run.path(files.progress(stage.name));
  let state = hasCheckpoint(progress)
    ? await loadCheckpoint(progress)
    : initialTrainState(copyParams(start), stage.optimizer);
  const begun = state.step;
  await metrics.rewind(stage.name, begun);
  bar.start(stage.updates, begun);
  for await (const result of train(state, stage.batches(state.cursor), stage.step)) {
    state = result.state;
    metrics.log(stage.name, result.report);
    bar.update(state.step, `loss ${result.report.loss.toFixed(4)}`);
    if (state.step % stage.updatesBetweenCheckpoints === 0 && state.step < stage.updates) {
      metrics.flush();
      await saveCheckpoint(progress, state, { keep: 1 });
    }
    if (state.step === stage.updates) break;
  }
  bar.stop();
  metrics.flush();
  await saveWeights(run, stage.name, learner, state.params);
  rmSync(progress, { recursive: true, force: true });
  disposeTensors([state.optimizer]);
  return state.params;
}

/** A kill during the very first save leaves a folder without a whole checkpoint: then the stage begins again. */
function hasCheckpoint(progress: string): boolean {
  return existsSync(progress) && readdirSync(progress).some((name) => /^step-\d+$/.test(name));
}
