/** `svo train` as people run it: the program itself, in a folder of its own. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blankLineFormat } from '@svo/mdp';
import { loadValueNetwork, localValueModel } from '@svo/models';
import { beforeAll, expect, test } from 'vitest';
import { metricLines } from '../shell/metrics.ts';
import { killed, program, runPrinted } from '../test-support/program.ts';
import { freshFolder, svo } from '../test-support/svo.ts';
import { chatPairs, tinyModel } from '../test-support/tiny-model.ts';

const folder = freshFolder();
const dpo = ['train', '--model', 'model', '--data', 'chat.jsonl', '--objective', 'dpo', '--set', 'train.batchSize=4'];
const weights = (out: string): string =>
  createHash('sha256')
    .update(readFileSync(join(folder, out, 'model', 'model.safetensors')))
    .digest('hex');
const losses = (out: string): number[] =>
  metricLines(readFileSync(join(folder, out, 'metrics.jsonl'), 'utf8')).map(({ loss }) => Number(loss));

beforeAll(async () => {
  await tinyModel(folder);
  chatPairs(join(folder, 'chat.jsonl'), 24);
});

test('DPO on a chat JSONL in one command: it learns, says so in JSON lines, and leaves a model folder', async () => {
  const ended = await svo(folder, [...dpo, '--out', 'a', '--set', 'train.updates=20']);
  expect(ended.err).toBe('');
  expect(ended.code).toBe(0);
  expect(ended.events.map(({ event }) => event)).toEqual(expect.arrayContaining(['backend', 'progress', 'done']));
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', objective: 'dpo', updates: 20, dropped: 0 });
  expect(losses('a')).toHaveLength(20);
  // At the first update policy and reference agree: ln 2.
  expect(losses('a')[0]).toBeCloseTo(Math.LN2, 5);
  expect(losses('a').at(-1)!).toBeLessThan(losses('a')[0]!);
  expect(existsSync(join(folder, 'a', 'model', 'tokenizer.json'))).toBe(true);
  const again = await svo(folder, [...dpo, '--out', 'a', '--set', 'train.updates=20']);
  expect([again.code, again.events.length, again.events[0]?.event]).toEqual([0, 1, 'done']);
});

test('the printed program gives the same losses and the same weights', async () => {
  const args = [...dpo, '--out', 'b', '--set', 'train.updates=6', '--set', 'train.lora.rank=2'];
  expect((await svo(folder, args)).code).toBe(0);
  const expected = { losses: losses('b'), weights: weights('b') };
  const { out: code } = await svo(folder, [...args, '--print-code']);
  const ended = await runPrinted(folder, code);
  expect(ended.err).toBe('');
  expect(ended.events.map(({ loss }) => loss)).toEqual(expected.losses);
  expect(weights('b')).toBe(expected.weights);
});

test.each([
  ['step-bce', []],
  ['value', ['--set', 'train.lora.rank=2']],
])(
  '%s leaves a value network that is loaded and asked; the printed program leaves the same',
  async (objective, more) => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      ...{
        prompt: `${i}+1=?`,
        completions: [`${i} and 1\n\n`, i % 2 ? `${i + 1}` : `${i}`],
        labels: [true, i % 2 === 1],
      },
    }));
    writeFileSync(join(folder, 'steps.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const out = ['--out', objective, ...more, '--set', 'train.updates=6', '--set', 'train.batchSize=4'];
    const args = ['train', '--model', 'model', '--data', 'steps.jsonl', '--objective', objective, ...out];
    const ended = await svo(folder, args);
    expect([ended.err, ended.code]).toEqual(['', 0]);
    const { network, params, tokenizer } = await loadValueNetwork(join(folder, objective, 'model'));
    const values = localValueModel({
      head: network,
      params,
      tokenizer: tokenizer!,
      id: objective,
      format: blankLineFormat,
    });
    const question = { id: 'q', prompt: '3+1=?' };
    const said = await values.values([{ question, state: { questionId: 'q', steps: ['3 and 1\n\n'] } }]);
    expect(said.every(Number.isFinite)).toBe(true);
    const before = weights(objective);
    const { out: code } = await svo(folder, [...args, '--print-code']);
    expect((await runPrinted(folder, code)).err).toBe('');
    expect(weights(objective)).toBe(before);
    const rounds = await svo(folder, ['run', '--model', 'model', '--data', 'steps.jsonl', '--objective', objective]);
    expect(rounds.err).toContain('makes a value model of the policy');
  },
);

test('the example of the guide: DPO in at most 25 lines of TypeScript, as the guide shows it', async () => {
  const file = join(import.meta.dirname, '../../../../examples/dpo.ts');
  const code = readFileSync(file, 'utf8');
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(25);
  expect(readFileSync(join(file, '../../docs/cli.md'), 'utf8')).toContain(code);
  const ended = await program(folder, [file, 'model', 'chat.jsonl', 'trained']);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  const shown = [...ended.out.matchAll(/loss (\d\.\d+)/g)].map(([, loss]) => Number(loss));
  expect(shown).toHaveLength(40);
  expect(shown.at(-1)!).toBeLessThan(shown[0]!);
  expect(existsSync(join(folder, 'trained', 'model.safetensors'))).toBe(true);
});

test('Ctrl-C leaves a run that the same command ends, with the same weights bit for bit', async () => {
  const args = [...dpo, '--set', 'train.updates=20', '--set', 'train.checkpointEvery=7'];
  expect((await svo(folder, [...args, '--out', 'straight'])).code).toBe(0);
  const stopped = await svo(folder, [...args, '--out', 'stopped'], (line, interrupt) => {
    if (line.includes('"progress"')) interrupt();
  });
  expect(stopped.code).toBe(130);
  expect(stopped.err).toBe('svo: interrupted; the same command goes on from here\n');
  expect(existsSync(join(folder, 'stopped', 'model'))).toBe(false);
  expect(losses('stopped').length).toBeLessThan(20);
  expect((await svo(folder, [...args, '--out', 'stopped', '--resume'])).code).toBe(0);
  expect(losses('stopped')).toEqual(losses('straight'));
  expect(weights('stopped')).toBe(weights('straight'));
});

test('killed, a run goes on from its last checkpoint to the same weights', async () => {
  const args = [...dpo, '--set', 'train.updates=20', '--set', 'train.checkpointEvery=3', '--out', 'killed'];
  // Behind the eighth update: two are lost, and what metrics.jsonl holds of them is made anew.
  await killed(folder, args, '9 metrics.jsonl');
  // Over other weights it does not go on: what it is compared with would be another.
  const model = join(folder, 'model', 'model.safetensors');
  const own = readFileSync(model);
  writeFileSync(model, withTurnedSigns(own));
  const other = await svo(folder, args);
  writeFileSync(model, own);
  expect(other.code).not.toBe(0);
  expect(other.err).toContain('the run cannot go on: the weights of the model are not those it began with (digest ');
  expect((await svo(folder, args)).code).toBe(0);
  expect(losses('killed')).toEqual(losses('straight'));
  expect(weights('killed')).toBe(weights('straight'));
});

/** A float32 weights file, every sign in its second half turned. */
const withTurnedSigns = (bytes: Buffer): Buffer => {
  const turned = Buffer.from(bytes);
  for (let at = turned.length - 1; at > turned.length / 2; at -= 4) turned[at]! ^= 0x80;
  return turned;
};

test('a dry run says what it would cost, and spends nothing', async () => {
  const { code, events } = await svo(folder, [...dpo, '--out', 'dry', '--dry-run', '--set', 'train.updates=10']);
  expect(code).toBe(0);
  // 24 pairs, two sides each, every token a letter: "Q: 1+1=?\nA: it is 2" and the end.
  const side = 'Q: 1+1=?\nA: it is 2'.length;
  expect(events).toMatchObject([{ event: 'estimate', rows: 24, updates: 10 }]);
  expect(Number(events[0]!.tokens)).toBeGreaterThanOrEqual(24 * 2 * side);
  expect(Number(events[0]!.trained_tokens)).toBeGreaterThanOrEqual(10 * 4 * 2 * side);
  expect(Number(events[0]!.minutes)).toBeGreaterThan(0);
  expect(existsSync(join(folder, 'dry'))).toBe(false);
});

test('a configuration in TypeScript and one in YAML give what flags do; the command line has the last word', async () => {
  const own = { model: 'model', data: 'chat.jsonl', objective: 'dpo', train: { batchSize: 4, updates: 20 }, seed: 5 };
  const typed = `import { defineConfig } from '@svo/cli';\nconst updates: number = 20;\nexport default defineConfig({ ...${JSON.stringify(own)}, train: { batchSize: 4, updates } });\n`;
  writeFileSync(join(folder, 'own.config.ts'), typed);
  writeFileSync(
    join(folder, 'own.yaml'),
    'model: model\ndata: chat.jsonl\nobjective: dpo\ntrain:\n  batchSize: 4\n  updates: 20\n',
  );
  const typedRun = await svo(folder, ['train', '--config', 'own.config.ts', '--seed', '1', '--out', 'typed']);
  expect([typedRun.err, typedRun.code]).toEqual(['', 0]);
  expect((await svo(folder, ['train', '--config', 'own.yaml', '--out', 'yaml'])).code).toBe(0);
  expect([weights('typed'), weights('yaml')]).toEqual([weights('a'), weights('a')]);
});

test('every objective that learns from pairs takes the same rows', async () => {
  for (const objective of ['simpo', 'ipo', 'svpo', 'step-dpo']) {
    const args = ['train', '--model', 'model', '--data', 'chat.jsonl', '--objective', objective, '--out', objective];
    const ended = await svo(folder, [...args, '--set', 'train.batchSize=8', '--set', 'train.updates=2']);
    expect([ended.err, ended.code], objective).toEqual(['', 0]);
  }
});
