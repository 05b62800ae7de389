import type { SvoConfig } from '../config/config.ts';
import { areTrees, paths } from '../stages/read-data.ts';
import type { TrainJob } from '../stages/train-job.ts';
import { type Running, runningOf } from './running.ts';
import { learningOf, type There } from './there.ts';

/** A training of one's own rows or trees, settled. */
export interface TrainPlan extends TrainJob, Running {
  readonly model: string;
  readonly there: There | undefined;
  readonly data: readonly string[];
  readonly trees: boolean;
}

/** @throws UsageError naming the key that is missing or wrong */
export function trainPlanOf(config: SvoConfig): TrainPlan {
  const data = paths('data', config.data);
  const { job, ...learning } = learningOf(config);
  return {
    ...job,
    ...learning,
    data,
    trees: areTrees('data', data),
    ...runningOf(config, 'runs/train'),
  };
}
