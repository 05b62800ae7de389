import { expect, test } from 'vitest';
import { plainTurns } from '../test-support/templates.ts';
import { fromTrlRow } from './from-trl.ts';
import { rowSchemas } from './schemas.ts';
import { toTrlRow } from './to-trl.ts';

const trajectory = {
  questionId: 'q',
  prompt: 'p',
  steps: ['a', 'b', 'c'],
  reward: -1,
  values: [0, 0.5, -0.25, 0],
  credits: [0.5, -0.75, -0.75],
};
const { values: _, credits: __, ...bare } = trajectory;
const pair = {
  questionId: 'q',
  prompt: 'p',
  kind: 'cousin' as const,
  chosen: { prefix: ['a', 'b'], step: 'c', value: 0.5 },
  rejected: { prefix: ['a'], step: 'd', value: -0.5 },
};

test('a step is labelled by the value after it, the last by the outcome', () => {
  expect(toTrlRow(trajectory).labels).toEqual([true, false, false]);
  expect(toTrlRow({ ...trajectory, reward: 1 }, { threshold: 0.6 }).labels).toEqual([false, false, true]);
});

test('the outcome counts once, whichever way the trajectory holds it', () => {
  expect(toTrlRow({ ...trajectory, reward: 0, values: [0, 0.5, 0.25, 1] }).labels.at(-1)).toBe(true);
});

test("as KTO's row and as a prompt-completion row, no values needed", () => {
  expect(toTrlRow(bare, { as: 'unpaired' })).toEqual({
    prompt: 'p',
    completion: 'abc',
    label: false,
    question_id: 'q',
  });
  expect(toTrlRow(bare, { as: 'prompt-completion' })).toEqual({ prompt: 'p', completion: 'abc', question_id: 'q' });
  expect(toTrlRow({ ...bare, reward: 0.4 }, { as: 'unpaired', threshold: 0.5 }).label).toBe(false);
});

test("as conversations: the prompt a user's turn, the rest an assistant's", () => {
  const row = toTrlRow(bare, { as: 'unpaired', conversational: true });
  expect(row).toMatchObject({
    prompt: [{ role: 'user', content: 'p' }],
    completion: [{ role: 'assistant', content: 'abc' }],
  });
  expect(fromTrlRow(rowSchemas.unpaired.parse(row), { render: plainTurns })).toMatchObject({
    type: 'unpaired',
    prompt: '<user>p<assistant>',
    completion: 'abc',
    label: false,
  });
  // What both sides share of the assistant's turn stands in both: a prompt ends with the user.
  expect(toTrlRow(pair, { conversational: true })).toMatchObject({
    prompt: [{ role: 'user', content: 'p' }],
    chosen: [{ role: 'assistant', content: 'abc' }],
    rejected: [{ role: 'assistant', content: 'ad' }],
  });
  expect(toTrlRow(pair)).toMatchObject({ prompt: 'pa', chosen: 'bc', rejected: 'd' });
});

test('what was drawn goes with every form, null where it is not known', () => {
  const draws = [{ tokenIds: [1], logps: [-0.5] }, undefined];
  const column = [{ token_ids: [1], logps: [-0.5] }, null];
  for (const as of ['unpaired', 'prompt-completion'] as const) {
    const row = as === 'unpaired' ? toTrlRow({ ...bare, draws }, { as }) : toTrlRow({ ...bare, draws }, { as });
    expect(row.draws).toEqual(column);
    expect(fromTrlRow(row)).toMatchObject({ completion: 'abc', draws });
  }
  expect(toTrlRow({ ...trajectory, draws }).draws).toEqual(column);
});

test('what has no such row is an error', () => {
  expect(() => toTrlRow(bare as typeof trajectory)).toThrow('toTrlRow: a stepwise row needs values and credits');
  expect(() => toTrlRow(trajectory, { conversational: true })).toThrow(
    'toTrlRow: conversational must be false for a stepwise row, got true',
  );
});
