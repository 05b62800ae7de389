/** A run that is killed anywhere and resumed ends with the same numbers and the same weights, bit for bit. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runJob } from './run.ts';
import { places } from './test-support/kill-places.ts';
import { smaller, smallOptions } from './test-support/small-run.ts';

const script = join(import.meta.dirname, 'test-support', 'small-run.ts');
const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'svo-run-')), 'run');

/** Runs in a process of its own until the place is reached; what ended it. */
async function killedAt(place: string, folder: string, ...options: string[]): Promise<string | null> {
  const child = spawn(process.execPath, ['--conditions=@svo/source', script, '--out', folder, ...options], {
    stdio: 'ignore',
    env: { ...process.env, SVO_KILL_AT: place },
  });
  await new Promise((resolve) => child.once('exit', resolve));
  return child.signalCode;
}

/** Runs to the end, here. */
async function finish(folder: string, ...options: string[]): Promise<void> {
  const settled = smallOptions(['--out', folder, ...options]);
  if (settled !== 'help') await runJob(settled, new Writable({ write: (_text, _encoding, done) => done() }), smaller);
}

/** Where a run is killed: in a training, and in a second round while solutions are drawn. `pnpm fuzz` goes everywhere. */
const few = ['in the base’s training', 'in a second round'];
const tried = Object.keys(places).filter((place) => process.env.SVO_EVERY_PLACE !== undefined || few.includes(place));

/** Everything that must repeat: accuracies, answers, weights, trees and rows; not the clock. */
function outcome(folder: string): Record<string, string> {
  const hash = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => /^(checkpoints|evaluations|material)/.test(path));
  const { base, gate, draws, trees } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  const metrics = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const losses = metrics.map(({ stage, step, loss, grad_norm }) => [stage, step, loss, grad_norm]);
  return {
    ...Object.fromEntries(files.sort().map((path) => [path, hash(path)])),
    results: JSON.stringify({ base, gate, draws, trees }),
    losses: JSON.stringify(losses),
  };
}

let straight: Record<string, string>;
let whole: string;
beforeAll(async () => {
  // Its bars.
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  whole = newFolder();
  await finish(whole);
  straight = outcome(whole);
});
afterAll(() => {
  vi.restoreAllMocks();
});

test('the small run has something to lose: right answers found, updates made in every stage', () => {
  const stages = new Set((JSON.parse(straight.losses!) as [string][]).map(([stage]) => stage));
  const lanes = ['draws-rft', 'draws-dvo', 'trees-rft', 'trees-dvo'];
  expect([...stages]).toEqual(['base', ...lanes.flatMap((lane) => [`${lane}-1`, `${lane}-2`])]);
});

test('killed at one place after another, a run ends as the one that never was', async () => {
  const folder = newFolder();
  for (const [k, place] of tried.entries()) {
    const ended = await killedAt(place, folder, ...(k === 0 ? [] : ['--resume']));
    expect(ended, place).toBe('SIGKILL');
  }
  await finish(folder, '--resume');
  expect(outcome(folder)).toEqual(straight);
});

test('resuming with other options, or where there is no run, is refused', async () => {
  await expect(finish(newFolder(), '--resume')).rejects.toThrow('config.json is missing');
  await expect(finish(whole, '--resume', '--seed', '9')).rejects.toThrow('seed was 1, is 9');
});
