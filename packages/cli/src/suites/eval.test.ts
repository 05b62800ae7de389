/** `svo eval` as people run it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeServer, toyModel } from '@svo/policy/testing';
import { localTinker } from '@svo/tinker/testing';
import { beforeAll, expect, test } from 'vitest';
import { runPrinted } from '../test-support/program.ts';
import { freshFolder, svo } from '../test-support/svo.ts';
import { tinyModel } from '../test-support/tiny-model.ts';

const folder = freshFolder();
const sampled = ['--set', 'eval.samples=4', '--set', 'eval.temperature=1', '--set', 'eval.maxTokens=8'];
const args = ['eval', '--model', 'model', '--test', 'q.jsonl', ...sampled];

beforeAll(async () => {
  await tinyModel(folder);
  const rows = Array.from({ length: 12 }, (_, i) => ({
    question: `${i % 5}+${i % 3}=?`,
    answer: `${(i % 5) + (i % 3)}`,
  }));
  writeFileSync(join(folder, 'q.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  // Right where the response holds an even number of letters: a judge that says yes often enough to be counted.
  const judge = "export default (_question, response) => ({ equivalent: response.length % 2 === 0, how: 'even' });\n";
  writeFileSync(join(folder, 'even.mjs'), judge);
});

const answers = (out: string): string => readFileSync(join(folder, out, 'answers-eval.jsonl'), 'utf8');

test('a model is measured by a judge of one’s own; the printed program gets the same numbers', async () => {
  const judged = [...args, '--verifier', './even.mjs', '--out', 'a'];
  const ended = await svo(folder, judged);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  const done = ended.events.at(-1)!;
  expect(done).toMatchObject({ event: 'done', questions: 12, responses: 48, lost: 0 });
  expect(Number(done.right)).toBeGreaterThan(0);
  const { out: code } = await svo(folder, [...judged, '--print-code']);
  const printed = await runPrinted(folder, code.replace("'./even.mjs'", `'${join(folder, 'even.mjs')}'`));
  expect(printed.err).toBe('');
  expect(printed.events).toEqual([{ right: done.right, all: 48, accuracy: Number(done.right) / 48 }]);
});

test('a measurement that was cut off goes on behind its last whole line, to the same answers', async () => {
  expect((await svo(folder, [...args, '--out', 'b'])).code).toBe(0);
  const whole = answers('b');
  expect((await svo(folder, [...args, '--out', 'c'])).code).toBe(0);
  // As a power cut would have left it: no summary, and half a line at the end.
  const half = whole.slice(0, whole.length / 2);
  writeFileSync(join(folder, 'c', 'answers-eval.jsonl'), half);
  rmSync(join(folder, 'c', 'summary.json'));
  expect((await svo(folder, [...args, '--out', 'c'])).code).toBe(0);
  expect(answers('c')).toBe(whole);
});

test('a server is measured by its address', async () => {
  const server = await fakeServer({ model: toyModel({ seed: 1 }) });
  const ended = await svo(folder, [
    'eval',
    '--model',
    server.url,
    '--test',
    'q.jsonl',
    '--out',
    'served',
    '--set',
    'server.name=toy',
    ...sampled,
  ]);
  await server.close();
  expect([ended.err, ended.code]).toEqual(['', 0]);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', questions: 12, responses: 48, lost: 0 });
});

test('a Tinker server is measured by its address and the folder of its tokenizer; without one it is told what is missing', async () => {
  const server = await localTinker();
  const { port } = new URL(server.url);
  mkdirSync(join(folder, 'tokenizer'));
  const { tokenizer, config } = server.tokenizer.files;
  writeFileSync(join(folder, 'tokenizer', 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(folder, 'tokenizer', 'tokenizer_config.json'), JSON.stringify(config));
  const model = ['--model', `tinker://127.0.0.1:${port}/${server.baseModel}`];
  const measured = ['eval', ...model, '--test', 'q.jsonl', '--out', 'tinker', ...sampled];
  const ended = await svo(folder, [...measured, '--set', 'server.tokenizer=tokenizer']);
  const bare = await svo(folder, [...measured, '--out', 'bare']);
  await server.close();
  expect([ended.err, ended.code]).toEqual(['', 0]);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', questions: 12, responses: 48, lost: 0 });
  expect([bare.code, bare.err.includes('server.tokenizer must be a folder')]).toEqual([2, true]);
});
