import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { arc, countdown, csqa, game24, gsm8k, math, obqa, sciq, type Task } from '@svo/recipes/tasks';
import { importDefault } from '../config/import-module.ts';
import { meant } from '../config/nearest.ts';
import { UsageError } from '../errors.ts';

/** The tasks that have a name. */
export const tasks: Readonly<Record<string, Task>> = { arc, countdown, csqa, game24, gsm8k, math, obqa, sciq };

/** The task of a name; nothing for a module's path, or where there is no task at all. */
export const taskNamed = (name: string | undefined): Task | undefined =>
  name !== undefined && Object.hasOwn(tasks, name) ? tasks[name] : undefined;

/** What a configuration calls its task, checked: a name, or a module that is there. */
export function taskName(given: string | undefined): string | undefined {
  if (given === undefined || taskNamed(given) !== undefined || existsSync(given)) return given;
  throw new UsageError(
    `task: there is no '${given}'${meant(given, Object.keys(tasks))}; expected ${Object.keys(tasks).join(', ')}, or the path of a module whose default export is a Task`,
  );
}

/** The task: a named one, or the default export of a module of the user's own. */
export async function openTask(name: string): Promise<Task> {
  const named = taskNamed(name);
  if (named !== undefined) return named;
  const exported = await openModule('task', name);
  if (isTask(exported)) return exported;
  throw new UsageError(
    `task: ${name} must have a default export { name, read, template, format, verifier }, as those of @svo/recipes/tasks, got ${shape(exported)}`,
  );
}

/** The default export of a module that a key names. */
export async function openModule(key: string, path: string): Promise<unknown> {
  try {
    return await importDefault(resolve(path));
  } catch (error) {
    throw new UsageError(`${key}: ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether somebody's value is a task. */
export function isTask(value: unknown): value is Task {
  if (typeof value !== 'object' || value === null) return false;
  const { read, template, format, verifier } = value as Partial<Task>;
  return (
    typeof read === 'function' &&
    typeof template === 'string' &&
    template.includes('{question}') &&
    typeof format?.split === 'function' &&
    typeof verifier === 'function'
  );
}

const shape = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `{ ${Object.keys(value).slice(0, 8).join(', ')} }` : typeof value;
