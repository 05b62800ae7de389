/**
 * The main job on a task so small that a test can run it several times: `node small-run.ts --out DIR [options]`. With
 * `SVO_KILL_AT` it is killed at a place of kill-places.ts.
 */
import { parseOptions } from '../options.ts';
import { runJob, type Smaller } from '../run.ts';
import type { Task } from '../tasks/task.ts';
import { endAt } from './kill-places.ts';

/** Learns too little to be right often; every stage and every file is the same as in the full job. */
export const smaller: Smaller = {
  task: (task: Task): Task => ({
    ...task,
    solutions: task.solutions.slice(0, 2000),
    base: {
      ...task.base,
      updates: 40,
      ...(task.base.gate && {
        gate: {
          ...task.base.gate,
          questions: task.base.gate.questions.slice(0, 20),
          begin: 1,
          cooling: 20,
          updatesBetweenChecks: 40,
        },
      }),
    },
    settings: Object.fromEntries(
      Object.entries(task.settings).map(([name, settings]) => [name, { ...settings, batchSize: 4, updates: 8 }]),
    ) as Task['settings'],
  }),
  updatesBetweenCheckpoints: 4,
};

/** The options of the small run, and what is added to them. */
export const smallOptions = (more: readonly string[]): ReturnType<typeof parseOptions> =>
  parseOptions([
    ...['--questions', '16', '--draws', '8', '--iterations', '8', '--test-questions', '20', '--backend', 'wasm'],
    ...['--rounds', '2', '--objective', 'rft,dvo', ...more],
  ]);

if (process.argv[1] === import.meta.filename) {
  const options = smallOptions(process.argv.slice(2));
  const place = process.env.SVO_KILL_AT;
  if (options !== 'help' && place !== undefined) endAt(place, options.out);
  if (options !== 'help') await runJob(options, process.stdout, smaller);
  process.exit(0);
}
