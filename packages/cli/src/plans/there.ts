import { leavesValues } from '@svo/recipes';
import type { SvoConfig } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import { type TinkerPlace, trainablePlace } from '../models/place.ts';
import { required } from '../stages/required.ts';
import { type TrainJob, trainJob } from '../stages/train-job.ts';
import { type ServerPlan, serverOf } from './server-plan.ts';

/** A model that a server trains, and how that server is asked. */
export interface There {
  readonly place: TinkerPlace;
  /** Of its adapters. */
  readonly rank: number;
  readonly server: ServerPlan;
}

/** What learns, and how; `there` where a server trains it. */
export interface Learning {
  /** A folder, a file, a name on the Hub, or the address. */
  readonly model: string;
  readonly there: There | undefined;
  readonly job: TrainJob;
}

/** What of it decides a run's numbers. */
export const identityOf = (there: There | undefined): object =>
  there === undefined ? {} : { there: { ...there.place, rank: there.rank } };

/** Objectives with a value network, which is trained here beside the policy there: its architecture has no key. */
const withValues = ['svpo', 'dqo', 'oreo', 'dro'];

/** Of adapters on a server, where nobody says. */
const usualRank = 32;

/** @throws UsageError for a model that can't be trained, and for what a server decides by itself */
export function learningOf(config: Pick<SvoConfig, 'model' | 'objective' | 'train' | 'server'>): Learning {
  const model = required('model', config.model);
  const place = trainablePlace('model', model);
  const job = trainJob(config);
  if (place.kind !== 'tinker') return { model: place.path, there: undefined, job };
  const { rank = usualRank, alpha, targets } = config.train?.lora ?? {};
  const decided = { alpha, targets };
  for (const key of ['alpha', 'targets'] as const)
    if (decided[key] !== undefined)
      throw new UsageError(`train.lora.${key}: the server behind ${place.url} decides it; leave it out`);
  if (leavesValues(job.objective))
    throw new UsageError(
      `objective: '${job.objective}' makes a value model of the policy, which takes weights that are here, got ${place.url}`,
    );
  if (withValues.includes(job.objective))
    throw new UsageError(
      `objective: '${job.objective}' trains a value network beside the policy, and for a model on a server no key says which; in TypeScript give learner.values (packages/tinker/README.md)`,
    );
  return { model, there: { place, rank, server: serverOf(config, place) }, job: { ...job, lora: undefined } };
}
