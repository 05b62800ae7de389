import { gsm8kFormat } from '@svo/mdp';
import { expect, test } from 'vitest';
import { tokenizePair } from '../examples/pairs.ts';
import { tokenizeTrajectory } from '../examples/tokenize.ts';
import { bytes } from '../test-support/examples.ts';
import { fromDvoRow, fromOreoRow, fromStepDpoRow } from './foreign-rows.ts';

test('Step-DPO: siblings after the initial steps; its text stays as it was', () => {
  const row = {
    prompt: 'How many?',
    initial_reason_steps: "Let's think step by step.\nStep 1: add.\nStep 2:",
    chosen: ' It is 5.',
    rejected: ' It is 6.',
    answer: '5',
  };
  const pair = fromStepDpoRow(row);
  expect(pair).toMatchObject({ kind: 'sibling', chosen: { value: 1 }, rejected: { value: -1 } });
  expect(pair.chosen.prefix).toEqual(pair.rejected.prefix);
  const { chosen } = tokenizePair(pair, bytes);
  expect(bytes.decode(chosen.ids.slice(1))).toBe(row.prompt + row.initial_reason_steps + row.chosen);
  expect(bytes.decode(chosen.ids.filter((_, at) => chosen.stepIds[at] === 0))).toBe(row.chosen);
  expect(fromStepDpoRow({ ...row, initial_reason_steps: '' }).chosen.prefix).toEqual([]);
});

test('DVO: credits as they are, delimiters put back, accuracy as ±1', () => {
  const row = { prompt: 'p', completions: ['a', 'b', 'Final Answer: 5'], q_credits: [0.25, -0.5, 1.25], acc: 1 };
  const read = fromDvoRow(row);
  expect(read).toMatchObject({ steps: ['a\n\n', 'b\n\n', 'Final Answer: 5'], credits: row.q_credits, reward: 1 });
  expect(fromDvoRow({ ...row, acc: false }).reward).toBe(-1);
  const { acc: _, ...without } = row;
  expect('reward' in fromDvoRow(without)).toBe(false);
  expect(fromDvoRow(row, { separator: '' }).steps).toEqual(row.completions);
  expect(tokenizeTrajectory(read, bytes).terminal).toBe(true);
});

test('OREO: a response cut by the format, 0/1 as −1/1 unless told otherwise', () => {
  const row = { prompt: 'p', response: 'a\nb\n#### 5', reward: 1 };
  expect(fromOreoRow(row, { format: gsm8kFormat })).toMatchObject({ steps: ['a\n', 'b\n', '#### 5'], reward: 1 });
  expect(fromOreoRow({ ...row, reward: 0 }).reward).toBe(-1);
  expect(fromOreoRow({ ...row, reward: 0.25 }, { scale: 1, offset: 0 }).reward).toBe(0.25);
});

test('equal prompts are one question', () => {
  const rows = [
    fromOreoRow({ prompt: 'p', response: 'a', reward: 1 }),
    fromDvoRow({ prompt: 'p', completions: ['a'], q_credits: [0] }),
    fromStepDpoRow({ prompt: 'p', initial_reason_steps: '', chosen: 'a', rejected: 'b' }),
  ];
  expect(new Set(rows.map(({ questionId }) => questionId)).size).toBe(1);
});

test('a column that is missing is named', () => {
  expect(() => fromStepDpoRow({ prompt: 'p' })).toThrow('fromStepDpoRow: row: initial_reason_steps: ');
  expect(() => fromDvoRow({ prompt: 'p', completions: ['a'], q_credits: [1, 2] })).toThrow(
    'fromDvoRow: row: q_credits: must hold 1, got 2',
  );
  expect(() => fromOreoRow({ prompt: 'p', response: 'a', reward: '1' })).toThrow('fromOreoRow: row: reward: ');
});
