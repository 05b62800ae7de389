/** What every stage of a run shares. */
import type { Options } from './options.ts';
import type { Engine } from './shell/engine.ts';
import type { Metrics } from './shell/metrics.ts';
import type { RunFolder } from './shell/run-folder.ts';
import type { Timings } from './shell/timings.ts';
import type { RunLearner } from './tasks/new-learner.ts';
import type { Task } from './tasks/task.ts';

export interface Job {
  readonly options: Options;
  readonly task: Task;
  readonly run: RunFolder;
  readonly engine: Engine;
  readonly learner: RunLearner;
  readonly metrics: Metrics;
  readonly timings: Timings;
  /** Updates from one checkpoint to the next: what a `kill -9` can cost. */
  readonly updatesBetweenCheckpoints: number;
}
