import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MetricLine, Metrics } from '../shell/metrics.ts';
import { diagnoseStage, diagnosisLines } from './diagnosis.ts';
import type { Answered } from './draw-responses.ts';
import type { Evaluation } from './evaluation.ts';

/** A recorded training (study/record-runs.ts) without the accuracies on its way, as the main job has it. */
const recorded = (name: string, stage: string): MetricLine[] =>
  readFileSync(join(import.meta.dirname, `../../../packages/train/golden/runs/${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { eval_accuracy: _, ...report } = JSON.parse(line);
      return { stage, ...report };
    });

const jobWith = (lines: readonly MetricLine[]) => ({ metrics: { lines: () => lines } as Metrics });

const evaluation = (right: number): Evaluation => {
  const answers = Array.from(
    { length: 100 },
    (_, i): Answered => ({
      question: { id: `${i}`, prompt: '?' },
      response: '',
      right: i < right,
    }),
  );
  return { name: '', greedy: answers, sampled: answers };
};

const kinds = (lines: readonly MetricLine[], round: number, before: number, after: number) =>
  diagnoseStage(jobWith(lines), 'lane', { round, before: evaluation(before), after: evaluation(after) }).map(
    ({ kind }) => kind,
  );

test('a training whose loss falls and whose answers get worse is a problem, told from the evaluations around it', () => {
  const lines = recorded('accuracy-falls', 'lane');
  expect(kinds(lines, 1, 24, 9)).toContain('accuracy-falls');
  expect(kinds(lines, 1, 24, 60)).not.toContain('accuracy-falls');
  const found = diagnoseStage(jobWith(lines), 'lane', { round: 2, before: evaluation(24), after: evaluation(9) });
  expect(diagnosisLines(found)[0]).toMatch(/^ {2}problem, round 2: Accuracy falls: it began at 24 %.* 9 % now/);
});

test('a healthy run is left in peace, and what other stages wrote is not its own', () => {
  const lines = [...recorded('accuracy-falls', 'other'), ...recorded('healthy', 'lane')];
  expect(kinds(lines, 1, 24, 70)).toEqual([]);
  expect(kinds(recorded('healthy', 'other'), 1, 24, 70)).toEqual([]);
});

test('what the material cannot teach is said from the first report', () => {
  expect(kinds(recorded('second-round', 'lane'), 1, 89, 89)).toEqual(
    expect.arrayContaining(['one-outcome', 'credits-empty', 'right-alike']),
  );
});

test('a second round begins off the reference, and that is no fault', () => {
  const lines = recorded('healthy', 'lane').map((line) => ({ ...line, 'rewards/margins': 1 }));
  expect(kinds(lines, 1, 50, 70)).toContain('starts-off-reference');
  expect(kinds(lines, 2, 50, 70)).not.toContain('starts-off-reference');
});
