import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Verifier } from '@svo/mdp';
import { choiceVerifier, gsm8kVerifier, mathVerifier } from '@svo/verify';
import { defaults } from '../config/defaults.ts';
import { importDefault } from '../config/import-module.ts';
import { meant } from '../config/nearest.ts';
import { UsageError } from '../errors.ts';

/** The judges that have a name. */
const verifiers = { math: mathVerifier, gsm8k: gsm8kVerifier, choice: choiceVerifier } as const satisfies Readonly<
  Record<string, Verifier>
>;

/** Whether a judge is one that has a name. */
export const isNamed = (name: string): name is 'math' | 'gsm8k' | 'choice' => Object.hasOwn(verifiers, name);

/** What a configuration calls its judge, checked: a name, or a module that is there. */
export function verifierName(given: string = defaults.verifier): string {
  if (isNamed(given) || existsSync(given)) return given;
  throw new UsageError(
    `verifier: there is no '${given}'${meant(given, Object.keys(verifiers))}; expected math, gsm8k, choice, or the path of a module whose default export is a Verifier`,
  );
}

/** The judge: a named one, or the default export of a module of the user's own. */
export async function openVerifier(name: string): Promise<Verifier> {
  if (isNamed(name)) return verifiers[name];
  let exported: unknown;
  try {
    exported = await importDefault(resolve(name));
  } catch (error) {
    throw new UsageError(`verifier: ${name}: ${(error as Error).message}`, { cause: error });
  }
  if (typeof exported !== 'function')
    throw new UsageError(
      `verifier: ${name} must have a default export (question, response) => ({ equivalent, how }), got ${typeof exported}`,
    );
  const judge = exported as Verifier;
  return judge.id === undefined ? Object.assign(judge.bind(undefined), { ...judge, id: name }) : judge;
}
