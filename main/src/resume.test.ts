/** A run that is killed anywhere and resumed ends with the same numbers and the same weights, bit for bit. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';

const script = join(import.meta.dirname, 'test-support', 'small-run.ts');
const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'svo-run-')), 'run');

const start = (folder: string, ...options: string[]) =>
  spawn(process.execPath, ['--conditions=@svo/source', script, '--out', folder, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });

async function finish(folder: string, ...options: string[]): Promise<void> {
  const child = start(folder, ...options);
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

const hasTrees = (folder: string, place: string): boolean => {
  const trees = join(folder, 'material', place, 'trees');
  return existsSync(trees) && readdirSync(trees).length > 2;
};
const isTraining = (folder: string, stage: string): boolean =>
  existsSync(join(folder, 'checkpoints', `${stage}.progress`));

/** Where the run is killed, in the order it comes by; a place is reached when its files are there. */
const places: readonly (readonly [where: string, reached: (folder: string) => boolean])[] = [
  ['in the base’s training', (folder) => isTraining(folder, 'base')],
  ['while the base cools', (folder) => existsSync(join(folder, 'checkpoints', 'base.cooling.json'))],
  ['while solutions are drawn', (folder) => hasTrees(folder, 'draws-1')],
  ['in the first training', (folder) => isTraining(folder, 'draws-rft-1')],
  ['in a second round', (folder) => hasTrees(folder, 'draws-dvo-2')],
  ['in the search', (folder) => hasTrees(folder, 'trees-1')],
  ['in the last training', (folder) => isTraining(folder, 'trees-dvo-2')],
];

test('killed at every place in turn, a run ends as the one that never was', async () => {
  const folder = newFolder();
  const killed: string[] = [];
  for (const [where, reached] of places) {
    const child = start(folder, ...(killed.length === 0 ? [] : ['--resume']));
    const exited = new Promise((resolve) => child.once('exit', resolve));
    while (!reached(folder) && child.exitCode === null) await wait(2);
    child.kill('SIGKILL');
    await exited;
    if (child.signalCode === 'SIGKILL') killed.push(where);
  }
  expect(killed).toEqual(places.map(([where]) => where));
  await finish(folder, '--resume');
  expect(outcome(folder)).toEqual(straight);
});

test('resuming with other options, or where there is no run, is refused', async () => {
  const folder = newFolder();
  const message = async (...options: string[]) => {
    const child = start(folder, ...options);
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    await new Promise((resolve) => child.once('exit', resolve));
    return errors;
  };
  expect(await message('--resume')).toContain('config.json is missing');
  const child = start(folder);
  while (!existsSync(join(folder, 'config.json')) && child.exitCode === null) await wait(2);
  child.kill('SIGKILL');
  expect(await message('--resume', '--seed', '9')).toContain('seed was 1, is 9');
});
