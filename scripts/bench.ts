/**
 * `pnpm bench NAME [arguments]` runs a benchmark; with `--compare` it prints each new figure over the committed one, measured on the
 * same kind of CPU, and puts the committed file back (`--keep` keeps the new one).
 *
 *     pnpm bench losses --compare
 *     pnpm bench mdp --compare
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The program of each results file; those that need Python read SVO_PYTHON. */
const programs: Readonly<Record<string, string>> = {
  generation: 'generation/run.ts',
  kernels: 'kernels/operations.ts',
  'local-policy': 'generation/policy.ts',
  losses: 'losses/speed.ts',
  'losses-memory': 'losses/memory.ts',
  packed: 'train-step/packed.ts',
  'real-models': 'real-models/run.ts',
  'real-models-memory': 'real-models/memory.ts',
  'policy-busy-server': 'policy/busy-server.ts',
  'policy-client-overhead': 'policy/client-overhead.ts',
  'policy-real-server': 'policy/real-server.ts',
  'train-step': 'train-step/run.ts',
  'train-step-growth': 'train-step/growth.ts',
  'train-step-references': 'train-step/references.ts',
  verify: 'verify/run.ts',
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every number by its place: `results.dvoLoss.svo_ms`. Entries of lists go by their name where they have one. */
function figures(value: Json, place: string): Map<string, number> {
  if (typeof value === 'number') return new Map([[place, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  const name = (entry: Json, i: number): string => {
    const named =
      typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? (entry.name ?? entry.topic) : i;
    return typeof named === 'string' ? named : String(i);
  };
  const entries = Array.isArray(value)
    ? value.map((entry, i) => [name(entry, i), entry] as const)
    : Object.entries(value);
  return new Map(entries.flatMap(([key, entry]) => [...figures(entry, place === '' ? key : `${place}.${key}`)]));
}

/** The CPU a results file names, wherever it names it. */
const cpuOf = (text: string): string | undefined => /"(?:cpu|machine)": *"([^"]+)"/.exec(text)?.[1];

const [name, ...rest] = process.argv.slice(2);
const program = programs[name ?? ''];
if (name === undefined || program === undefined)
  throw new Error(`bench: expected one of ${Object.keys(programs).join(' ')}, got '${name ?? ''}'`);
const [compare, keep] = ['--compare', '--keep'].map((option) => rest.includes(option));
const passed = rest.filter((argument) => argument !== '--compare' && argument !== '--keep');
const path = join(root, 'benchmarks', 'results', `${name}.json`);
const committed = compare
  ? spawnSync('git', ['show', `HEAD:benchmarks/results/${name}.json`], { cwd: root, encoding: 'utf8' }).stdout
  : '';
const here = cpus()[0]?.model ?? 'unknown';
const then = cpuOf(committed);
if (compare && then !== undefined && !here.startsWith(then))
  throw new Error(
    `bench: benchmarks/results/${name}.json was measured on '${then}', this is '${here}': nothing to compare`,
  );

const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
const { status } = spawnSync(process.execPath, ['--conditions=@svo/source', join('benchmarks', program), ...passed], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0 && compare) {
  const old = figures(JSON.parse(committed) as Json, '');
  const fresh = figures(JSON.parse(readFileSync(path, 'utf8')) as Json, '');
  console.log(`\n${here}, load ${loadavg()[0]!.toFixed(1)}; now ÷ committed`);
  for (const [place, value] of fresh)
    if (old.has(place) && old.get(place) !== 0 && value !== old.get(place))
      console.log(`${(value / old.get(place)!).toFixed(2).padStart(8)}  ${place}  ${old.get(place)} → ${value}`);
}
if (compare && !keep && before !== undefined) writeFileSync(path, before);
process.exitCode = status ?? 1;
