import { expect, test } from 'vitest';
import { readQuestions } from './read-questions.ts';

test('the usual columns, and those that are named', async () => {
  const rows = [
    { question: '2+3?', answer: 'two and three\n#### 5' },
    { problem: 'x', solution: '\\boxed{1}' },
    { prompt: 'y', answer: 7, id: 3 },
  ];
  expect((await readQuestions(rows)).map(({ prompt, answer }) => [prompt, answer])).toEqual([
    ['2+3?', 'two and three\n#### 5'],
    ['x', '\\boxed{1}'],
    ['y', '7'],
  ]);
  const named = await readQuestions([{ q: 'a $& b', gold: 'c', key: 'k' }], {
    columns: { prompt: 'q', answer: 'gold', id: 'key' },
    template: '[{question}] {question}',
  });
  expect(named).toEqual([{ id: 'k', prompt: '[a $& b] a $& b', answer: 'c' }]);
});

test('with a chat template a question is a turn that waits for its answer, behind the system’s', async () => {
  const render = (messages: readonly { readonly role: string; readonly content?: unknown }[]) =>
    `${messages.map(({ role, content }) => `<${role}>${content}`).join('')}<assistant>`;
  const [one] = await readQuestions([{ prompt: 'a' }], { render, system: 's', template: 'Q {question}' });
  expect(one!.prompt).toBe('<system>s<user>Q a<assistant>');
});

test('equal questions keep apart; ids that come twice and columns that are missing are refused', async () => {
  const ids = (await readQuestions([{ prompt: 'a' }, { prompt: 'a' }, { prompt: 'a' }])).map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  await expect(
    readQuestions([
      { prompt: 'a', id: 1 },
      { prompt: 'b', id: '1' },
    ]),
  ).rejects.toThrow("row 2: id '1' comes twice");
  await expect(readQuestions([{ text: 'a' }])).rejects.toThrow('row 1: no column holds the prompt');
  await expect(readQuestions([{ prompt: 'a' }], { columns: { answer: 'gold' } })).rejects.toThrow(
    'no column holds the answer; expected gold',
  );
});
