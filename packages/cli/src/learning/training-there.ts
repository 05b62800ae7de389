import { existsSync } from 'node:fs';
import { referenceCache } from '@svo/data';
import { planFor, planRate, type RowMaterial } from '@svo/recipes';
import {
  loadTinkerCheckpoint,
  TinkerHttpError,
  type TinkerModel,
  tinkerStart,
  tinkerStep,
  withTinkerCheckpoints,
} from '@svo/tinker';
import { stopAfter, train } from '@svo/train';
import { UsageError } from '../errors.ts';
import type { ReachedServer } from '../models/open-policy.ts';
import type { There } from '../plans/there.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { aboutMaterial } from '../stages/diagnosis.ts';
import type { TrainJob } from '../stages/train-job.ts';
import { follow, lossesOf } from './follow.ts';
import { emptyPlan, type Trained } from './training.ts';

/** What a training on a server came to. */
export interface TrainedThere extends Trained {
  /** Where the server keeps weights and optimizer. */
  readonly path: string;
}

/** What is trained on what, by which server. */
export interface TrainingThere {
  readonly stage: string;
  readonly job: TrainJob;
  readonly there: There;
  readonly reached: ReachedServer;
  readonly material: RowMaterial;
  readonly seed: number;
  /** A checkpoint there whose weights, without their optimizer, to begin with; the base model by default. */
  readonly from?: string | undefined;
  /** Where the adapter goes, where it is brought here. */
  readonly adapter?: string;
}

/** Trains a model on a server, or goes on where it was stopped; its weights stay there, and the adapter comes here if it is wanted. */
export async function runTrainingThere(run: RunFolder, shell: Shell, training: TrainingThere): Promise<TrainedThere> {
  const { stage, job, there, reached, material, seed } = training;
  const { service, tokenizer } = reached;
  const { baseModel } = there.place;
  const dir = run.path(files.checkpoints(stage));
  const saved = existsSync(dir) ? await loadTinkerCheckpoint(dir) : undefined;
  const lm = await begun(training, saved?.path);
  const reference = service.sampler({ baseModel });
  const cache = await referenceCache(run.path(files.reference), { weights: 'reference' });
  const given = {
    learner: { lm, tokenizer },
    ...material,
    reference,
    referenceCache: cache,
    settings: job.settings,
    seed,
  };
  const plan = await planFor(job.objective, given, job.lossOptions);
  const { updates, dropped = 0 } = plan;
  if (updates === 0) throw new UsageError(emptyPlan(job, material, dropped));
  const learningRate = planRate({ ...job.settings, updates });
  const step = tinkerStep(lm, plan.loss, { learningRate, beta2: 0.98, weightDecay: 0 });
  const start = saved?.state ?? tinkerStart();
  if (start.step < updates) {
    const every = job.checkpointEvery;
    const bare = stopAfter(train(start, plan.batches(start.cursor), step), updates);
    const steps = withTinkerCheckpoints(bare, { model: lm, dir, every, name: stage });
    await follow(run, shell, { stage, updates, steps, about: aboutMaterial(material) });
  }
  const { path } = await loadTinkerCheckpoint(dir);
  if (training.adapter !== undefined) await bringAdapter(lm, `${stage}-adapter`, run.path(training.adapter));
  await lm.unload();
  return { updates, dropped, ...lossesOf(run, stage), path };
}

/** The model where it was left, or with the weights to begin with, or a fresh one. */
function begun({ there, reached, from, seed }: TrainingThere, saved: string | undefined): Promise<TinkerModel> {
  const { service } = reached;
  if (saved !== undefined) return service.resume(saved);
  if (from !== undefined) return service.resume(from, { optimizer: false });
  return service.createModel({ baseModel: there.place.baseModel, rank: there.rank, seed });
}

/** The adapter as a PEFT folder; a server that gives none out keeps it. */
async function bringAdapter(lm: TinkerModel, name: string, folder: string): Promise<void> {
  try {
    await lm.downloadAdapter(name, folder);
  } catch (error) {
    const none = error instanceof TinkerHttpError && [404, 405, 501].includes(error.status);
    if (!none) throw error;
  }
}
