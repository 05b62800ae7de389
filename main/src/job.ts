/** What every stage of a run shares. */
import type { Dataset } from './dataset.ts';
import type { Engine } from './engine.ts';
import type { Learner } from './learner.ts';
import type { Metrics } from './metrics.ts';
import type { Options } from './options.ts';
import type { Recipe } from './recipe.ts';
import type { RunFolder } from './run-folder.ts';
import type { Timings } from './timings.ts';

export interface Job {
  readonly options: Options;
  readonly recipe: Recipe;
  readonly run: RunFolder;
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly learner: Learner;
  readonly metrics: Metrics;
  readonly timings: Timings;
}
