import { lossNames, objectives, type Settings, settingsFor } from '@svo/recipes';
import type { SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { meant } from '../config/nearest.ts';
import { UsageError } from '../errors.ts';
import { defined } from './defined.ts';

/** Adapters, settled. */
export interface Lora {
  readonly rank: number;
  readonly alpha: number;
  readonly targets?: readonly string[];
}

/** One training, settled: the objective, its numbers, and what is trained. */
export interface TrainJob {
  readonly objective: string;
  readonly settings: Settings;
  readonly lossOptions: Readonly<Record<string, number | string | boolean>>;
  readonly lora: Lora | undefined;
  readonly checkpointEvery: number;
}

const names = [...new Set([...objectives, 'sft', ...lossNames])];

/** @throws UsageError for an objective that there is none of, naming the nearest */
export function trainJob({ objective, train = {} }: Pick<SvoConfig, 'objective' | 'train'>): TrainJob {
  if (objective === undefined)
    throw new UsageError(
      `objective must be given: --objective dpo for rows with chosen and rejected, kto for labelled ones, sft for completions, dvo for trees; all: ${names.join(', ')}`,
    );
  if (!names.includes(objective))
    throw new UsageError(
      `objective: there is no '${objective}'${meant(objective, names)}; expected one of ${names.join(', ')}`,
    );
  const { lora, checkpointEvery = defaults.train.checkpointEvery, loss = {}, ...numbers } = train;
  return {
    objective,
    settings: { ...settingsFor(objective), ...defined(numbers) },
    lossOptions: loss,
    lora: lora && { ...lora, alpha: lora.alpha ?? 2 * lora.rank },
    checkpointEvery,
  };
}
