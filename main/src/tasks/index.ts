import type { Options } from '../options.ts';
import { chainsTask } from './chains-task.ts';
import { traceTask } from './dataset.ts';
import { skippedStepsTask } from './skipped-steps-task.ts';
import type { Task } from './task.ts';

const tasks = { 'skipped-steps': skippedStepsTask, chains: chainsTask };

/** The task asked for: a file's, or a built-in one. */
export async function openTask(options: Options): Promise<Task> {
  return options.data === undefined ? tasks[options.task](options) : traceTask(options.data);
}
