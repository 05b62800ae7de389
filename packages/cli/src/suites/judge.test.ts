/** `svo judge` as people run it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshFolder, svo } from '../test-support/svo.ts';

const folder = freshFolder();
const rows = [
  { id: 'a', prompt: '1/2+1/3?', answer: '5/6', response: 'So it is \\boxed{\\frac{5}{6}}.' },
  { id: 'b', problem: '2+2?', solution: '4', completion: 'Final Answer: 5' },
  { id: 'c', prompt: '2+2?', answer: 4, completions: ['2+2=4\n\n', 'Final Answer: 4'] },
  { id: 'd', prompt: '2+2?', answer: '4', response: [{ role: 'assistant', content: 'Final Answer: 4' }] },
  { id: 'e', prompt: '2+2?', answer: '4' },
  { id: 'f', prompt: '2+2?', response: 'Final Answer: 4' },
];
const lines = (path: string): Record<string, unknown>[] =>
  readFileSync(join(folder, path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('every row comes back with its verdict; one that cannot be judged says why', async () => {
  writeFileSync(join(folder, 'in.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const ended = await svo(folder, ['judge', 'in.jsonl', '--out', 'out.jsonl']);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', rows: 6, right: 3, wrong: 1, undecided: 2 });
  const verdicts = lines('out.jsonl');
  expect(verdicts.map(({ id, correct }) => [id, correct])).toEqual([
    ['a', true],
    ['b', false],
    ['c', true],
    ['d', true],
    ['e', null],
    ['f', null],
  ]);
  expect(verdicts[4]!.how).toBe('no response');
  expect(verdicts[5]!.how).toContain('must have an answer to compare with');
  expect(verdicts[1]).toMatchObject({ problem: '2+2?', extracted: '5' });
});

test('without a file to write, rows go to the standard output and the count elsewhere', async () => {
  const ended = await svo(folder, ['judge', 'in.jsonl', '--set', 'columns.response=response']);
  expect(ended.code).toBe(0);
  expect(ended.events.map(({ correct }) => correct)).toEqual([true, null, null, true, null, null]);
  expect(JSON.parse(ended.err)).toMatchObject({ event: 'done', rows: 6, right: 2 });
});
