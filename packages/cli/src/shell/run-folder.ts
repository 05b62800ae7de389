import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeWhole } from '@svo/files';
import { UsageError } from '../errors.ts';

/** What lies where in the folder of a run. */
export const files = {
  config: 'config.json',
  metrics: 'metrics.jsonl',
  summary: 'summary.json',
  report: 'report.html',
  model: 'model',
  adapter: (model: string): string => `${model}-adapter`,
  extras: (model: string): string => `${model}-extras.safetensors`,
  reference: 'reference',
  digest: 'reference-weights.json',
  answers: (stage: string): string => `answers-${stage}.jsonl`,
  checkpoints: (stage: string): string => join('checkpoints', stage),
  weights: (stage: string): string => join('weights', stage),
  trees: (stage: string): string => join('trees', stage),
  made: (stage: string): string => `trees-${stage}.json`,
  rows: (stage: string): string => `rows-${stage}.jsonl`,
} as const;

/** A run on disk; every file is written whole or not at all. */
export interface RunFolder {
  readonly folder: string;
  readonly path: (name: string) => string;
  readonly has: (name: string) => boolean;
  readonly readText: (name: string) => string;
  readonly readJson: <T>(name: string) => T;
  readonly write: (name: string, content: string | Uint8Array) => Promise<void>;
}

/** Whose run it is: everything that decides its numbers. */
export type Identity = Readonly<Record<string, unknown>>;

/**
 * The folder of a run: a new one, or that of a run with the same identity, which goes on.
 *
 * @param resume refuse to begin a new one
 * @throws UsageError where the folder holds another run, or something else
 */
export async function openRun(out: string, identity: Identity, resume: boolean): Promise<RunFolder> {
  const run = runFolder(out);
  if (run.has(files.config)) {
    assertSame(run.readJson<Identity>(files.config), identity, out);
    return run;
  }
  if (resume) throw new UsageError(`--resume: there is no run in '${out}' (${files.config} is missing)`);
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new UsageError(`--out: '${out}' holds files that are no run of svo; choose another folder`);
  await run.write(files.config, `${JSON.stringify(identity, undefined, 2)}\n`);
  return run;
}

/** A folder as a run, whatever it holds. */
function runFolder(out: string): RunFolder {
  const folder = resolve(out);
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    path,
    has: (name) => existsSync(path(name)),
    readText: (name) => readFileSync(path(name), 'utf8'),
    readJson: (name) => JSON.parse(readFileSync(path(name), 'utf8')),
    write: (name, content) => writeWhole(path(name), content),
  };
}

function assertSame(before: Identity, now: Identity, out: string): void {
  const [old, fresh] = [flat(before), flat(now)];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  const different = keys.filter((key) => old[key] !== fresh[key]);
  if (different.length === 0) return;
  const list = different.map((key) => `${key} was ${old[key] ?? 'not set'}, is ${fresh[key] ?? 'not set'}`).join('; ');
  throw new UsageError(
    `--out: '${out}' holds a run with other settings (${list}); repeat them, or choose another --out`,
  );
}

/** Values as text, by their paths. */
const flat = (value: unknown, path = ''): Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.assign(
        {},
        ...Object.entries(value).map(([key, inner]) => flat(inner, path === '' ? key : `${path}.${key}`)),
      )
    : value === undefined
      ? {}
      : { [path]: JSON.stringify(value) };
