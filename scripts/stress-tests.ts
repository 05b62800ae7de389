/**
 * `pnpm stress [--every-place] [runs 10] [of them under load 4]`: the suite of `npm test` again and again, the last runs while
 * other processes keep every core busy. With `--every-place` nothing of it is thinned (`SVO_EVERY_PLACE`, as in `pnpm fuzz`).
 * Prints a table, keeps each run's output and one line a run with its verdict in `verdicts.log` (with the names of what failed),
 * and fails if any run did, or if any left a process behind.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, createWriteStream, mkdtempSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { 'every-place': { type: 'boolean', default: false } },
});
const [runs = 10, loaded = Math.min(4, runs)] = positionals.map(Number);
if (![runs, loaded].every((n) => Number.isInteger(n) && n >= 0) || loaded > runs)
  throw new Error(`stress: expected two numbers, runs and how many of them under load, got ${positionals}`);
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'svo-stress-'));
const verdicts = join(folder, 'verdicts.log');
console.log(`outputs in ${folder}, a line a run in ${verdicts}`);

/** Two busy processes a core: what `stress --cpu` does. */
const busy = (): ChildProcess[] =>
  Array.from({ length: 2 * availableParallelism() }, () =>
    spawn(process.execPath, ['--eval', 'for (;;) Math.sqrt(2);'], { stdio: 'ignore' }),
  );

/** Runs the suite, and waits until nobody holds its output any more: a process that stayed would keep it open. */
async function suite(file: string): Promise<number> {
  const output = createWriteStream(file);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { SVO_EVERY_PLACE: _, ...thinned } = process.env;
  const env = flags['every-place'] ? { ...thinned, SVO_EVERY_PLACE: '1' } : thinned;
  const child = spawn(process.execPath, [vitest, 'run'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
  await new Promise<void>((resolve) => output.end(() => resolve()));
  return code;
}

// The notebooks and the packed packages run what is built.
execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], {
  cwd: root,
  stdio: 'inherit',
});
let load: ChildProcess[] = [];
const unload = (): void => {
  for (const child of load) child.kill('SIGKILL');
};
process.once('exit', unload);
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));

const rows: { code: number; left: number; counts: string }[] = [];
for (let run = 1; run <= runs; run++) {
  load = run > runs - loaded ? busy() : [];
  const begun = Date.now();
  const file = join(folder, `run-${run}.log`);
  const code = await suite(file);
  const seconds = Math.round((Date.now() - begun) / 1000);
  const [average] = loadavg();
  unload();
  const text = stripVTControlCharacters(readFileSync(file, 'utf8'));
  const counts = /^\d+ passed, \d+ failed, \d+ skipped$/m.exec(text)?.[0] ?? 'no result';
  const left = text.match(/^ended what a test had left running/gm)?.length ?? 0;
  const under = load.length > 0 ? `${load.length} busy processes` : 'nothing else';
  const row = { run, under, code, counts, left, seconds, load: average!.toFixed(1) };
  rows.push(row);
  const failed = [...new Set(text.match(/^ *FAIL .*$/gm))].map((line) => `\n  ${line.trim()}`).join('');
  const line = `run ${run} of ${runs}, under ${under}: exit ${code}, ${counts}, ${left} left running, ${seconds} s, load ${row.load}${failed}`;
  appendFileSync(verdicts, `${line}\n`);
  console.log(line);
}
console.table(rows);
process.exitCode = rows.every(({ code, left }) => code === 0 && left === 0) ? 0 : 1;
