/** What `diagnose` says of runs that were really made: main/src/study/record-runs.ts recorded them, some spoilt on purpose. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../types.ts';
import { diagnose } from './diagnose.ts';

const folder = join(import.meta.dirname, '../../golden/runs');
const recorded = (name: string): Report[] =>
  readFileSync(join(folder, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const kinds = (reports: readonly Report[]): string[] => diagnose(reports).map(({ kind }) => kind);

/** What each run is, and everything that is said of it, worst first. */
const runs: Readonly<Record<string, readonly string[]>> = {
  // DVO, β 0.03, rate 3e-4: from 24 to 75 % sampled.
  healthy: [],
  // DVO, β 0.003, rate 3e-3: a credit of 1 asks for 333 nats; from 24 to 12 %.
  'kl-grows': ['accuracy-falls', 'kl-grows'],
  // KTO, β 0.1, rate 1e-3, where three answers of four are wrong: from 24 to 9 %, the loss falling all the while.
  'accuracy-falls': ['accuracy-falls', 'both-logps-fall'],
  // DPO, β 0.1, rate 1e-3: 62 % after 20 updates, 45 % at the end, the margin growing all the while.
  'both-logps-fall': ['accuracy-falls', 'both-logps-fall'],
  // DVO once more on draws (temperature 0.5) of the model that it trained: 89 % right already.
  'second-round': ['one-outcome', 'credits-empty', 'right-alike'],
};

test('every recorded run is looked at', () => {
  expect(readdirSync(folder).toSorted()).toEqual(
    Object.keys(runs)
      .map((name) => `${name}.jsonl`)
      .toSorted(),
  );
});

describe.each(Object.entries(runs))('%s', (name, expected) => {
  test('everything that went wrong is said, and nothing else', () => {
    expect(kinds(recorded(name))).toEqual(expected);
  });
});

test('words hold the numbers of the run', () => {
  const [fall] = diagnose(recorded('accuracy-falls'));
  expect(fall!.message).toContain('it began at 24 %, was 24 % at its best and is 18 % now');
  expect(fall!.message).toContain('It never rose: try a third of the learning rate first');
  const [late] = diagnose(recorded('both-logps-fall'));
  expect(late!.message).toContain('was 62 % at its best and is 45 % now');
  expect(late!.message).toContain('stop at the best evaluation (withEarlyStop)');
  const [outcome, credits, alike] = diagnose(recorded('second-round'));
  expect(outcome!.message).toContain(
    'Only 31 % of the questions have both a right and a wrong answer; the others are all right',
  );
  expect(credits!.message).toContain('77.3 % of the steps have a credit below 0.05');
  expect(alike!.message).toContain('1.03 different ones on average');
});

test('a run that was stopped at its best accuracy is not blamed for what came after', () => {
  const reports = recorded('both-logps-fall');
  const stopped = { step: 100, loss: 0.3, 'early_stop/stopped_at': 100, 'early_stop/best_step': 20 };
  expect(kinds([...reports, stopped])).not.toContain('accuracy-falls');
});
