import type { SvoConfig } from '../config/config.ts';
import { localPlace } from '../models/place.ts';
import { areTrees, paths } from '../stages/read-data.ts';
import { required } from '../stages/required.ts';
import { type TrainJob, trainJob } from '../stages/train-job.ts';
import { type Running, runningOf } from './running.ts';

/** A training of one's own rows or trees, settled. */
export interface TrainPlan extends TrainJob, Running {
  readonly model: string;
  readonly data: readonly string[];
  readonly trees: boolean;
}

/** @throws UsageError naming the key that is missing or wrong */
export function trainPlanOf(config: SvoConfig): TrainPlan {
  const data = paths('data', config.data);
  return {
    ...trainJob(config),
    model: localPlace('model', required('model', config.model)),
    data,
    trees: areTrees('data', data),
    ...runningOf(config, 'runs/train'),
  };
}
