import type { Tokenizer } from '@svo/models';
import { type LoadedLearner, loadLearner, type RowMaterial } from '@svo/recipes';
import type { TinkerModel } from '@svo/tinker';
import { disposeTensors } from '@svo/train';
import { type OpenedModel, openLoaded, openSampler, reachTinker } from '../models/open-policy.ts';
import type { RunPlan } from '../plans/run-plan.ts';
import type { There } from '../plans/there.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { runTraining, type Trained } from './training.ts';
import { runTrainingThere, type TrainedThere } from './training-there.ts';

/** What learns in rounds: weights that are here, or a model on a server. */
export interface Trainee {
  readonly tokenizer: Tokenizer;
  /** The weights there are now, to draw from. */
  readonly now: () => Promise<OpenedModel>;
  /** Trains on what was gathered, against the base as the reference; a training that was finished before is read back. */
  readonly train: (stage: string, material: RowMaterial, isLast: boolean) => Promise<Trained>;
  readonly close: () => Promise<void>;
}

export const openTrainee = (run: RunFolder, shell: Shell, plan: RunPlan): Promise<Trainee> =>
  plan.there === undefined ? traineeHere(run, shell, plan) : traineeThere(run, shell, plan, plan.there);

/** Reads a stage's result, or works for it and writes it. */
async function once<T extends Trained>(run: RunFolder, stage: string, work: () => Promise<T>): Promise<T> {
  const file = `${stage}-trained.json`;
  if (run.has(file)) return run.readJson(file);
  const trained = await work();
  await run.write(file, JSON.stringify(trained));
  return trained;
}

async function traineeHere(run: RunFolder, shell: Shell, { model: path, train, seed }: RunPlan): Promise<Trainee> {
  const base = await loadLearner(path);
  let current: LoadedLearner = base;
  return {
    tokenizer: base.learner.tokenizer,
    now: async () => openLoaded(current),
    train: async (stage, material, isLast) => {
      const model = isLast ? files.model : files.weights(stage);
      const training = { stage, job: train, loaded: current, reference: base.params, material, seed, model };
      const trained = await once(run, stage, () => runTraining(run, shell, training));
      if (current !== base) disposeTensors(current.params);
      current = await loadLearner(run.path(model));
      return trained;
    },
    close: async () => {},
  };
}

async function traineeThere(
  run: RunFolder,
  shell: Shell,
  { train: job, seed }: RunPlan,
  there: There,
): Promise<Trainee> {
  const reached = await reachTinker(there.place, there.server);
  const { service, tokenizer } = reached;
  let from: string | undefined;
  /** The last training's weights in a model of their own, from which alone samples are safe on every server. */
  let live: TinkerModel | undefined;
  let drawer: OpenedModel | undefined;
  return {
    tokenizer,
    now: async () => {
      if (drawer) return drawer;
      live = from === undefined ? undefined : await service.resume(from);
      const sampler = (await live?.sampler('now')) ?? service.sampler({ baseModel: there.place.baseModel });
      drawer = openSampler(sampler, tokenizer, there.server);
      return drawer;
    },
    train: async (stage, material, isLast) => {
      await live?.unload();
      [live, drawer] = [undefined, undefined];
      const adapter = isLast ? { adapter: files.adapter(files.model) } : {};
      const training = { stage, job, there, reached, material, seed, from, ...adapter };
      const trained: TrainedThere = await once(run, stage, () => runTrainingThere(run, shell, training));
      from = trained.path;
      return trained;
    },
    close: service.close,
  };
}
