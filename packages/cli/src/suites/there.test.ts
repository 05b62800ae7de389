/** `svo train` and `svo run` where the model is on a server that trains it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPretrained } from '@svo/models';
import { tf } from '@svo/tensor';
import { type LocalTinker, localTinker } from '@svo/tinker/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricLines } from '../shell/metrics.ts';
import { runPrinted } from '../test-support/program.ts';
import { freshFolder, svo } from '../test-support/svo.ts';
import { chatPairs, tinyModel } from '../test-support/tiny-model.ts';

const folder = freshFolder();
let server: LocalTinker;
let model: string[];
const dpo = ['--data', 'chat.jsonl', '--objective', 'dpo', '--set', 'train.batchSize=4', '--set', 'train.updates=8'];
const losses = (out: string): number[] =>
  metricLines(readFileSync(join(folder, out, 'metrics.jsonl'), 'utf8')).map(({ loss }) => Number(loss));

beforeAll(async () => {
  const { lm, params, tokenizer } = await loadPretrained(await tinyModel(folder));
  server = await localTinker({ lm, params, tokenizer: tokenizer!, baseModel: 'org/tiny' });
  mkdirSync(join(folder, 'tokenizer'));
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    writeFileSync(join(folder, 'tokenizer', file), readFileSync(join(folder, 'model', file)));
  model = ['--model', `tinker://127.0.0.1:${new URL(server.url).port}/org/tiny`];
  model.push('--set', 'server.tokenizer=tokenizer', '--set', 'train.lora.rank=4');
  chatPairs(join(folder, 'chat.jsonl'), 24);
  return () => tf.dispose(params as never);
});

afterAll(() => server.close());

test('a server’s model learns as one here does, and its adapter comes down', async () => {
  const ended = await svo(folder, ['train', ...model, ...dpo, '--out', 'a']);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', objective: 'dpo', updates: 8, path: expect.any(String) });
  expect(losses('a')).toHaveLength(8);
  expect(losses('a')[0]).toBeCloseTo(Math.LN2, 5);
  expect(losses('a').at(-1)!).toBeLessThan(losses('a')[0]!);
  expect(readdirSync(join(folder, 'a', 'model-adapter')).sort()).toEqual([
    'adapter_config.json',
    'adapter_model.safetensors',
  ]);
  // Everything that was made there is unloaded again.
  expect(Object.keys(server.world().models)).toEqual([]);
  const again = await svo(folder, ['train', ...model, ...dpo, '--out', 'a']);
  expect([again.code, again.events.length, again.events[0]?.event]).toEqual([0, 1, 'done']);
});

test('the printed program gives the same losses', async () => {
  const { out: code } = await svo(folder, ['train', ...model, ...dpo, '--out', 'printed', '--print-code']);
  const printed = await runPrinted(folder, code);
  expect(printed.err).toBe('');
  expect(printed.events.flatMap(({ loss }) => (loss === undefined ? [] : [loss]))).toEqual(losses('a'));
});

test('Ctrl-C leaves a training that the same command ends, with the same losses', async () => {
  const args = ['train', ...model, ...dpo, '--out', 'stopped'];
  const stopped = await svo(folder, args, (line, interrupt) => {
    if (line.includes('"progress"')) interrupt();
  });
  expect(stopped.code).toBe(130);
  expect(losses('stopped').length).toBeLessThan(8);
  expect((await svo(folder, [...args, '--resume'])).code).toBe(0);
  expect(losses('stopped')).toEqual(losses('a'));
});

test('rounds: search, training and measurement on the server’s model', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({
    question: `${i % 4}+${i % 3}=?`,
    answer: `${(i % 4) + (i % 3)}`,
  }));
  writeFileSync(join(folder, 'q.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  // Right where the response holds an even number of letters: a judge that says yes and no often enough.
  const judge = "export default (_question, response) => ({ equivalent: response.length % 2 === 0, how: 'even' });\n";
  writeFileSync(join(folder, 'even.mjs'), judge);
  const search = ['from=draws', 'draws=4', 'depth=2', 'stepTokens=6'].flatMap((each) => ['--set', `search.${each}`]);
  const rest = ['--verifier', './even.mjs', '--objective', 'dvo', '--rounds', '2', '--set', 'train.batchSize=2'];
  const asked = ['--data', 'q.jsonl', '--test', 'q.jsonl', '--set', 'eval.maxTokens=6', '--set', 'train.updates=3'];
  const ended = await svo(folder, ['run', ...model, ...asked, ...rest, ...search, '--out', 'run']);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  const done = ended.events.at(-1) as { rounds: { updates: number; path: string; score: { questions: number } }[] };
  expect(done.rounds.map(({ updates, score }) => [updates, score.questions])).toEqual([
    [3, 8],
    [3, 8],
  ]);
  expect(new Set(done.rounds.map(({ path }) => path)).size).toBe(2);
  expect(existsSync(join(folder, 'run', 'model-adapter', 'adapter_model.safetensors'))).toBe(true);
  expect(Object.keys(server.world().models)).toEqual([]);
});

test('what the server decides, and what it can’t train, is told', async () => {
  const said = async (...args: readonly string[]) => {
    const { code, err } = await svo(folder, ['train', ...model, ...args, '--data', 'chat.jsonl', '--out', 'none']);
    expect(code).toBe(2);
    return err;
  };
  expect(await said('--objective', 'dpo', '--set', 'train.lora.alpha=8')).toContain('train.lora.alpha: the server');
  expect(await said('--objective', 'dqo')).toContain("'dqo' trains a value network beside the policy");
  const dry = await svo(folder, ['train', ...model, ...dpo, '--out', 'none', '--dry-run']);
  expect(dry.events).toMatchObject([{ event: 'estimate', rows: 24, updates: 8 }]);
  expect(existsSync(join(folder, 'none'))).toBe(false);
});
