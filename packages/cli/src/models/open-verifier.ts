import { existsSync, readFileSync } from 'node:fs';
import { contentHash, type Verifier } from '@svo/mdp';
import { choiceVerifier, countdownVerifier, gsm8kVerifier, mathVerifier } from '@svo/verify';
import type { SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { meant } from '../config/nearest.ts';
import { UsageError } from '../errors.ts';
import { isTask, openModule, taskName, taskNamed } from './open-task.ts';

/** The judges that have a name. */
const verifiers: Readonly<Record<string, Verifier>> = {
  ...{ math: mathVerifier, gsm8k: gsm8kVerifier, choice: choiceVerifier, countdown: countdownVerifier },
};

/** Whether a judge is one that has a name. */
export const isNamed = (name: string): boolean => Object.hasOwn(verifiers, name);

/** What a configuration calls its judge, checked: a name, or a module that is there. Without one its task's, and without a task `'math'`. */
export function verifierName({ verifier, task }: Pick<SvoConfig, 'verifier' | 'task'>): string {
  const given = verifier ?? nameOfTask(taskName(task)) ?? defaults.verifier;
  if (isNamed(given) || existsSync(given)) return given;
  throw new UsageError(
    `verifier: there is no '${given}'${meant(given, Object.keys(verifiers))}; expected ${Object.keys(verifiers).join(', ')}, or the path of a module whose default export is a Verifier`,
  );
}

/** A named task's judge by its own name; a module's by its path, which it shares with the task. */
const nameOfTask = (task: string | undefined): string | undefined => {
  const judge = taskNamed(task)?.verifier;
  return Object.keys(verifiers).find((name) => verifiers[name] === judge) ?? task;
};

/** The judge: a named one, or the default export of a module of the user's own, a task's among them. */
export async function openVerifier(name: string): Promise<Verifier> {
  if (isNamed(name)) return verifiers[name]!;
  const exported = await openModule('verifier', name);
  const judge = isTask(exported) ? exported.verifier : exported;
  if (typeof judge !== 'function')
    throw new UsageError(
      `verifier: ${name} must have a default export (question, response) => ({ equivalent, how }), got ${typeof judge}`,
    );
  const { id } = judge as Verifier;
  if (id !== undefined) return judge as Verifier;
  // The same file with other words in it is another judge.
  const own = `${name}:${contentHash(readFileSync(name, 'utf8')).slice(0, 12)}`;
  return Object.assign(judge.bind(undefined), { ...judge, id: own }) as Verifier;
}
