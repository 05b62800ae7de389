/** A run that is killed anywhere and resumed ends with the same numbers and the same weights, bit for bit. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';

const script = join(import.meta.dirname, 'testing', 'small-run.ts');
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
    .filter((path) => /^(checkpoints|evaluations|rounds)/.test(path));
  const { base, rounds, rft } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  const metrics = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const losses = metrics.map(({ stage, step, loss, grad_norm }) => [stage, step, loss, grad_norm]);
  return {
    ...Object.fromEntries(files.sort().map((path) => [path, hash(path)])),
    results: JSON.stringify({ base, rounds, rft }),
    losses: JSON.stringify(losses),
  };
}

let straight: Record<string, string>;
beforeAll(async () => {
  const folder = newFolder();
  await finish(folder);
  straight = outcome(folder);
}, 300_000);

const hasTree = (folder: string, round: number): boolean => {
  const trees = join(folder, 'rounds', String(round), 'trees');
  return existsSync(trees) && readdirSync(trees).length > 2;
};

test.each([
  ['in the base’s training', (folder: string) => existsSync(join(folder, 'checkpoints', 'base.progress'))],
  ['in the first search', (folder: string) => hasTree(folder, 1)],
  ['in the first round’s training', (folder: string) => existsSync(join(folder, 'checkpoints', 'round-1.progress'))],
  ['in the second round', (folder: string) => hasTree(folder, 2)],
  ['in RFT', (folder: string) => existsSync(join(folder, 'checkpoints', 'rft.progress'))],
])(
  'killed %s',
  async (_where, reached) => {
    const folder = newFolder();
    const child = start(folder);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    while (!reached(folder) && child.exitCode === null) await wait(2);
    child.kill('SIGKILL');
    await exited;
    await finish(folder, '--resume');
    expect(outcome(folder)).toEqual(straight);
  },
  300_000,
);

test('the same options give the same bytes; another seed gives others', async () => {
  const [again, other] = [newFolder(), newFolder()];
  await finish(again);
  await finish(other, '--seed', '2');
  expect(outcome(again)).toEqual(straight);
  expect(outcome(other).results).not.toBe(straight.results);
}, 300_000);

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
  while (!existsSync(join(folder, 'config.json'))) await wait(2);
  child.kill('SIGKILL');
  expect(await message('--resume', '--seed', '9')).toContain('seed was 1, is 9');
}, 300_000);
