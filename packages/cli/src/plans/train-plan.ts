import type { SvoConfig } from '../config/config.ts';
import { localPlace } from '../models/place.ts';
import { areTrees, paths } from '../stages/read-data.ts';
import { required } from '../stages/required.ts';
import { type TrainJob, trainJob } from '../stages/train-job.ts';

/** A training of one's own rows or trees, settled. */
export interface TrainPlan extends TrainJob {
  readonly model: string;
  readonly data: readonly string[];
  readonly trees: boolean;
  readonly seed: number;
  readonly out: string;
  readonly engine: Pick<SvoConfig, 'backend' | 'threads'>;
}

/** @throws UsageError naming the key that is missing or wrong */
export function trainPlanOf(config: SvoConfig): TrainPlan {
  const { seed = 1, out = 'runs/train', backend = 'auto', threads } = config;
  const data = paths('data', config.data);
  return {
    ...trainJob(config),
    model: localPlace('model', required('model', config.model)),
    data,
    trees: areTrees('data', data),
    seed,
    out,
    engine: { backend, ...(threads !== undefined && { threads }) },
  };
}
