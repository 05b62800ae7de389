import { expect, test } from 'vitest';
import { aboutMaterial, diagnosed, diagnosisLines, serious } from './diagnosis.ts';

const lines = (stage: string) =>
  Array.from({ length: 6 }, (_, i) => ({ stage, step: i + 1, loss: 0.7 - i / 100, ...(i === 0 && about) }));
const about = { 'material/right': 0.01, 'material/mixed': 0.1 };

test('a stage is read with what came before it and after it; rounds after the first begin off the reference', () => {
  const metrics = [...lines('round-1'), ...lines('round-2').map((line) => ({ ...line, 'rewards/margins': 0.5 }))];
  const accuracies = [
    { stage: 'base', accuracy: 0.3 },
    { stage: 'round-1', accuracy: 0.5 },
    { stage: 'round-2', accuracy: 0.2 },
  ];
  const all = diagnosed(metrics, accuracies);
  expect(all.map(({ stage, kind }) => `${stage} ${kind}`)).toEqual([
    'round-1 hardly-ever-right',
    'round-2 accuracy-falls',
    'round-2 hardly-ever-right',
  ]);
  expect(all[1]!.message).toContain('it began at 50 %, was 50 % at its best and is 20 % now');
  expect(diagnosisLines(all)[1]).toMatch(/^ {2}round-2, problem: Accuracy falls/);
  // A first round that begins off the reference is one that should not, and unmeasured stages have no accuracy.
  const first = lines('train').map((line) => ({ ...line, 'rewards/margins': 0.5 }));
  expect(diagnosed(first).map(({ kind }) => kind)).toEqual(['starts-off-reference', 'hardly-ever-right']);
});

test('notes are for who looks; rows that are no trajectories say nothing of a material', () => {
  const padded = lines('train').map((line) => ({
    ...line,
    'material/right': 0.5,
    'material/mixed': 1,
    'padding/fraction': 0.9,
  }));
  const all = diagnosed(padded);
  expect([all.map(({ kind }) => kind), serious(all)]).toEqual([['padding'], []]);
  expect(aboutMaterial({ trajectories: [], trees: [] })).toEqual({});
});
