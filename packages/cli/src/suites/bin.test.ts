/** The program itself, in a process of its own: its exit codes, its standard streams, Ctrl-C. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bin, program } from '../test-support/program.ts';
import { freshFolder } from '../test-support/svo.ts';
import { chatPairs, tinyModel } from '../test-support/tiny-model.ts';

const folder = freshFolder();
const row = '{"prompt": "2+2?", "answer": "4", "response": "Final Answer: 4"}\n';

test('0: rows come in by the standard input, verdicts go to the standard output, the count elsewhere', async () => {
  const ended = await program(folder, [bin, 'judge'], { stdin: row + row });
  expect([ended.code, ended.events.map(({ correct }) => correct)]).toEqual([0, [true, true]]);
  expect(JSON.parse(ended.err)).toMatchObject({ event: 'done', rows: 2, right: 2 });
});

test('1: what failed is said, and nothing is left', async () => {
  writeFileSync(join(folder, 'bad.jsonl'), '{"prompt": "a"}\n{"prompt": \n');
  const ended = await program(folder, [bin, 'judge', 'bad.jsonl', '--out', 'none.jsonl']);
  expect([ended.code, ended.out]).toEqual([1, '']);
  expect(ended.err).toContain('bad.jsonl:2: the line must be JSON');
  expect(existsSync(join(folder, 'none.jsonl'))).toBe(false);
});

test('2: bad usage; a line of the standard input that is no record is named', async () => {
  const ended = await program(folder, [bin, 'judge'], { stdin: `${row}[1]\n` });
  expect(ended.code).toBe(2);
  expect(ended.err).toContain('standard input, line 2: must be a record { … }, got [1]');
});

test('130: Ctrl-C ends a training behind the update at hand, which is saved', async () => {
  await tinyModel(folder);
  chatPairs(join(folder, 'chat.jsonl'), 24);
  // More updates than any machine makes before the signal comes.
  const args = ['train', '--model', 'model', '--data', 'chat.jsonl', '--objective', 'dpo', '--out', 'long'];
  const ended = await program(folder, [bin, ...args, '--set', 'train.updates=1000000'], {
    seen: (line, interrupt) => {
      if (line.includes('"progress"')) interrupt();
    },
  });
  expect([ended.code, ended.err]).toEqual([130, 'svo: interrupted; the same command goes on from here\n']);
  expect(existsSync(join(folder, 'long', 'model'))).toBe(false);
  expect(existsSync(join(folder, 'long', 'checkpoints'))).toBe(true);
});
