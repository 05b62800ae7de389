/** A study that was killed goes on, and comes to the same rows whoever works them out. */
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Row } from './cell.ts';
import { parseStudyOptions, type StudyOptions } from './options.ts';
import { readRows } from './results.ts';
import { missingCells, runStudy } from './run-study.ts';

const script = join(import.meta.dirname, '../test-support/small-study-worker.ts');

const optionsFor = (folder: string, workers: number): StudyOptions => {
  const options = parseStudyOptions([
    ...['--parts', 'draws', '--methods', 'dvo', '--seeds', '1,2', '--training-seeds', '1', '--workers', `${workers}`],
    ...['--questions', '20', '--draws', '8', '--test-questions', '20'],
    ...['--folder', join(folder, 'work'), '--results', join(folder, 'rows')],
  ]);
  if (options === 'help') throw new Error('no help was asked for');
  return options;
};

/** All but the clock. */
const timeless = (rows: Iterable<Row>): string[] =>
  [...rows].map(({ seconds: _, ...row }) => JSON.stringify(row)).toSorted();

test('rows are kept, a run that lost some makes them again, the same for one worker as for two', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'svo-study-'));
  const options = optionsFor(folder, 2);
  expect(missingCells(options)).toHaveLength(4);
  await runStudy(options, new PassThrough().resume(), script);
  const whole = readRows(options.results);
  expect(whole.size).toBe(4);
  expect(missingCells(options)).toEqual([]);

  // As a kill leaves it: rows that never came, and half of one. Those of one seed, so that one base has to be made anew.
  const file = join(options.results, 'draws.jsonl');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const [kept, lost] = [1, 2].map((seed) => lines.filter((line) => (JSON.parse(line) as Row).cell.seed === seed));
  writeFileSync(file, `${kept!.join('\n')}\n`);
  appendFileSync(file, lost![0]!.slice(0, 40));
  const alone = optionsFor(folder, 1);
  expect(missingCells(alone)).toHaveLength(2);
  await runStudy(alone, new PassThrough().resume(), script);
  expect(timeless(readRows(options.results).values())).toEqual(timeless(whole.values()));
});

test('options say what came and what was expected', () => {
  expect(() => parseStudyOptions(['--parts', 'drawz'])).toThrow("--parts: got 'drawz', expected some of tuning, draws");
  expect(() => parseStudyOptions(['--methods', 'ppo'])).toThrow("--methods: got 'ppo', expected some of rft, dpo");
  expect(() => parseStudyOptions(['--seeds', '1,x'])).toThrow("--seeds: got 'x', expected whole numbers from 0");
  expect(() => parseStudyOptions(['--workers', '0'])).toThrow("--workers: got '0'");
  expect(parseStudyOptions(['--help'])).toBe('help');
});
