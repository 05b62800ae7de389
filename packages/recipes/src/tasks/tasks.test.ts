import { expect, test } from 'vitest';
import { readQuestions } from '../rows/read-questions.ts';
import * as tasks from './index.ts';
import { arc, choiceRow, csqa, game24, gsm8k, math, obqa, sciq } from './index.ts';

const stem = 'Which of these floats?';
const text = ['a stone', 'a cork', 'a coin', 'a key'];
const label = ['A', 'B', 'C', 'D'];
const expected = { prompt: `${stem}\n(A) a stone\n(B) a cork\n(C) a coin\n(D) a key`, answer: 'B' };

test.each([
  ['Hugging Face, question_stem', { question_stem: stem, choices: { text, label }, answerKey: 'B' }],
  ['Hugging Face, question', { question: stem, question_concept: 'float', choices: { label, text }, answerKey: 'B' }],
  ['ARC, numbered', { question: stem, choices: { text, label: ['1', '2', '3', '4'] }, answerKey: '2' }],
  [
    'AI2’s JSON lines',
    { question: { stem, choices: text.map((one, i) => ({ text: one, label: label[i] })) }, answerKey: 'B' },
  ],
  ['texts and an index', { question: stem, choices: text, answer: 1 }],
  ['texts, an index and a letter', { question: stem, options: text, answer: 1, answerLetter: 'B' }],
])('a choice: %s', (_form, row) => {
  expect(choiceRow(row)).toEqual(expected);
});

test.each([
  [
    'no question',
    { choices: { text, label }, answerKey: 'B' },
    'question_stem or question, columns found: choices, answerKey',
  ],
  ['no options', { question: stem, answerKey: 'B' }, 'options were expected'],
  ['one option', { question: stem, choices: ['a'], answer: 0 }, 'a choice must have 2 to 26 options, got 1'],
  [
    'a letter that is none of them',
    { question: stem, choices: { text, label }, answerKey: 'E' },
    'one of 4 options, got "E"',
  ],
  ['an index beyond them', { question: stem, choices: text, answer: 4 }, 'one of 4 options, got 4'],
])('a choice with %s is refused', (_what, row, said) => {
  expect(() => choiceRow(row)).toThrow(said);
});

test('a test row whose answer is kept secret has none', () => {
  expect(csqa.read({ question: stem, choices: { text, label }, answerKey: '' })).toEqual({ prompt: expected.prompt });
});

test('every task reads rows by readQuestions, which names the row that is wrong', async () => {
  const rows = [{ id: 'o1', question_stem: stem, choices: { text, label }, answerKey: 'B' }];
  const [question] = await readQuestions(rows, { read: obqa.read, template: obqa.template });
  expect(question).toEqual({ id: 'o1', prompt: obqa.template.replace('{question}', expected.prompt), answer: 'B' });
  expect(obqa.verifier(question!, 'A stone sinks.\n\nFinal Answer: (B)').equivalent).toBe(true);
  expect(obqa.verifier(question!, 'A cork sinks.\n\nFinal Answer: A').equivalent).toBe(false);
  await expect(readQuestions([...rows, { text: 'a' }], { read: arc.read })).rejects.toThrow(
    'readQuestions: row 2: text was expected in column question_stem or question, columns found: text',
  );
  await expect(readQuestions(rows, { read: obqa.read, columns: { prompt: 'question_stem' } })).rejects.toThrow(
    'readQuestions: columns must be left out where read is given',
  );
});

test('SciQ: where the right option stands says nothing', () => {
  const row = { question: 'What?', distractor1: 'b', distractor2: 'a', distractor3: 'd' };
  expect(sciq.read({ ...row, correct_answer: 'c' })).toMatchObject({ answer: 'C' });
  expect(sciq.read({ ...row, correct_answer: 'A' })).toMatchObject({ answer: 'A' });
});

test('MATH and GSM8K: the answer of a worked solution, or the bare one', () => {
  expect(
    math.read({ problem: 'p', solution: 'so $\\boxed{1}$, no, $\\boxed{\\frac{1}{2}}$', unique_id: 'a/1' }),
  ).toEqual({
    ...{ id: 'a/1', prompt: 'p', answer: '\\frac{1}{2}' },
  });
  expect(math.read({ problem: 'p', solution: 'so it is $\\boxed 2$.' }).answer).toBe('2');
  expect(math.read({ problem: 'p', solution: 'long', answer: 3 }).answer).toBe('3');
  expect(() => math.read({ problem: 'p', solution: 'nothing' })).toThrow('the solution must hold \\boxed{…}');
  expect(gsm8k.read({ question: 'q', answer: 'a\n#### -1,234' }).answer).toBe('-1234');
  expect(gsm8k.read({ question: 'q', answer: 5 }).answer).toBe('5');
  expect(() => gsm8k.read({ question: 'q', answer: 'five' })).toThrow('the answer must end with #### and a number');
});

test('numbers and a target', () => {
  expect(game24.read({ numbers: [4, 6, 8, 8] })).toEqual({ prompt: '4 6 8 8 -> 24', answer: '24 from 4 6 8 8' });
  expect(game24.read({ Puzzles: '1 1 4 6' }).prompt).toBe('1 1 4 6 -> 24');
  expect(tasks.countdown.read({ nums: ['25', 4], target: '100' }).answer).toBe('100 from 25 4');
  for (const row of [
    { numbers: [1] },
    { numbers: [1, 2.5] },
    { numbers: 'a b' },
    { numbers: [1, -2] },
    { text: '1 2' },
  ])
    expect(() => game24.read(row)).toThrow('2 to 32 whole numbers were expected');
  expect(() => tasks.countdown.read({ nums: [1, 2] })).toThrow(
    'a whole number was expected in column target, got none',
  );
});
