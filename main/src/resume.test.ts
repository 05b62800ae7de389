/** A run that is killed anywhere and resumed ends with the same numbers and the same weights, bit for bit. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { places } from './test-support/kill-places.ts';

const script = join(import.meta.dirname, 'test-support', 'small-run.ts');
const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'svo-run-')), 'run');

const start = (folder: string, options: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  spawn(process.execPath, ['--conditions=@svo/source', script, '--out', folder, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });

/** Runs until the place is reached; what ended the run. */
async function killedAt(place: string, folder: string, ...options: string[]): Promise<string | null> {
  const child = start(folder, options, { ...process.env, SVO_KILL_AT: place });
  child.stderr.resume();
  await new Promise((resolve) => child.once('exit', resolve));
  return child.signalCode;
}

async function finish(folder: string, ...options: string[]): Promise<void> {
  const child = start(folder, options);
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code, errors).toBe(0);
}

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
  whole = newFolder();
  await finish(whole);
  straight = outcome(whole);
});

test('the small run has something to lose: right answers found, updates made in every stage', () => {
  const stages = new Set((JSON.parse(straight.losses!) as [string][]).map(([stage]) => stage));
  const lanes = ['draws-rft', 'draws-dvo', 'trees-rft', 'trees-dvo'];
  expect([...stages]).toEqual(['base', ...lanes.flatMap((lane) => [`${lane}-1`, `${lane}-2`])]);
});

test('killed at every place in turn, a run ends as the one that never was', async () => {
  const folder = newFolder();
  for (const [k, place] of Object.keys(places).entries()) {
    const ended = await killedAt(place, folder, ...(k === 0 ? [] : ['--resume']));
    expect(ended, place).toBe('SIGKILL');
  }
  await finish(folder, '--resume');
  expect(outcome(folder)).toEqual(straight);
});

test('resuming with other options, or where there is no run, is refused', async () => {
  const folder = newFolder();
  const message = async (...options: string[]) => {
    const child = start(folder, options);
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    await new Promise((resolve) => child.once('exit', resolve));
    return errors;
  };
  expect(await message('--resume')).toContain('config.json is missing');
  await killedAt('at its very beginning', folder);
  expect(await message('--resume', '--seed', '9')).toContain('seed was 1, is 9');
});
