import { skippedStepsTask } from '../../../main/src/tasks/skipped-steps-task.ts';
import type { Task } from '../../../main/src/tasks/task.ts';
import type { Setting } from './setting.ts';

/** The main job's task in this setting. */
export const taskOf = (setting: Setting): Task => shortened(setting)(skippedStepsTask({ ...setting, rounds: 1 }));

/** The task with what the setting changes of it: what the main job is given too, where the two are compared. */
export const shortened =
  ({ smaller }: Pick<Setting, 'smaller'>) =>
  (task: Task): Task => {
    if (smaller === undefined) return task;
    const { updates, cooling, laneUpdates, baseBatch, laneBatch, gateQuestions, responseTokens, layers } = smaller;
    const gate = task.base.gate && {
      ...task.base.gate,
      questions: task.base.gate.questions.slice(0, gateQuestions),
      updatesBetweenChecks: Math.ceil(updates / 4),
      cooling,
    };
    return {
      ...task,
      responseTokens,
      size: { ...task.size, layers },
      search: { ...task.search, stepTokens: Math.min(task.search.stepTokens, responseTokens) },
      base: { ...task.base, batchSize: baseBatch, updates, ...(gate && { gate }) },
      settings: Object.fromEntries(
        Object.entries(task.settings).map(([name, one]) => [
          name,
          { ...one, batchSize: laneBatch, updates: laneUpdates },
        ]),
      ) as Task['settings'],
    };
  };
