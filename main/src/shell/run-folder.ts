/** A run on disk: where each thing lies, and writes that are whole or not there at all. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '@svo/files';
import { OptionError, type Options } from '../options.ts';

/** The files of a run folder, relative to it. */
export const files = {
  config: 'config.json',
  metrics: 'metrics.jsonl',
  summary: 'summary.json',
  report: 'report.html',
  /** The base's log-probs of what was trained on. */
  reference: 'reference',
  /** When the base's rate began to fall, and what its gate saw. */
  cooling: 'checkpoints/base.cooling.json',
  gate: 'evaluations/gate.json',
  checkpoint: (stage: string): string => join('checkpoints', stage),
  progress: (stage: string): string => join('checkpoints', `${stage}.progress`),
  evaluation: (stage: string): string => join('evaluations', `${stage}.json`),
  trees: (place: string): string => join('material', place, 'trees'),
  rows: (place: string, name: string): string => join('material', place, `${name}.jsonl`),
} as const;

export interface RunFolder {
  readonly path: (name: string) => string;
  readonly has: (name: string) => boolean;
  readonly readJson: <T>(name: string) => T;
  readonly readText: (name: string) => string;
  readonly readBytes: (name: string) => Uint8Array;
  readonly write: (name: string, content: string | Uint8Array) => Promise<void>;
}

/** What must agree for a run to be continued: every option that decides its numbers. */
type Identity = Omit<Options, 'out' | 'resume'>;

/**
 * Opens the folder of a run, new or to be resumed, and writes its `config.json`.
 *
 * @throws OptionError when a new run would overwrite another, or a resumed one was started with other options
 */
export async function openRun(options: Options): Promise<RunFolder> {
  const { out, resume, ...identity } = options;
  const folder = runFolder(out);
  const there = folder.has(files.config);
  if (resume) {
    if (!there)
      throw new OptionError(`--resume: no run in '${out}' (${files.config} is missing); start one without --resume`);
    assertSame(folder.readJson<Identity>(files.config), identity, out);
    return folder;
  }
  if (there) clearRun(out);
  else if (existsSync(out) && readdirSync(out).length > 0)
    throw new OptionError(`--out: '${out}' holds files that are not a run; choose another folder`);
  await folder.write(files.config, `${JSON.stringify(identity, undefined, 2)}\n`);
  return folder;
}

/** What an older run left in its folder would be taken for this one's finished work. */
function clearRun(out: string): void {
  for (const old of [
    'checkpoints',
    files.reference,
    'evaluations',
    'material',
    'timings.json',
    files.metrics,
    files.summary,
    files.report,
  ])
    rmSync(join(out, old), { recursive: true, force: true });
}

function assertSame(before: Identity, now: Identity, out: string): void {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])] as (keyof Identity)[];
  const different = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]));
  if (different.length === 0) return;
  const list = different.map((key) => `${key} was ${before[key]}, is ${now[key]}`).join('; ');
  throw new OptionError(
    `--resume: the run in '${out}' had other options (${list}); repeat them, or choose another --out`,
  );
}

function runFolder(out: string): RunFolder {
  const path = (name: string): string => join(out, name);
  return {
    path,
    has: (name) => existsSync(path(name)),
    readJson: (name) => JSON.parse(readFileSync(path(name), 'utf8')),
    readText: (name) => readFileSync(path(name), 'utf8'),
    readBytes: (name) => readFileSync(path(name)),
    write: (name, content) => writeWhole(path(name), content),
  };
}
