/** `svo search` and `svo run` as people run them. */
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeServer, toyModel } from '@svo/policy/testing';
import { beforeAll, expect, test } from 'vitest';
import { metricLines } from '../shell/metrics.ts';
import { killed, runPrinted } from '../test-support/program.ts';
import { freshFolder, svo } from '../test-support/svo.ts';
import { tinyModel } from '../test-support/tiny-model.ts';

const folder = freshFolder();
const small = [
  ...['iterations=4', 'stepTokens=6', 'depth=3', 'breadth=3'].flatMap((one) => ['--set', `search.${one}`]),
  ...['--verifier', join(folder, 'even.mjs')],
];
const rounds = [
  ...['run', '--model', 'model', '--data', 'q.jsonl', '--test', 'q.jsonl', '--rounds', '2', ...small],
  ...['eval.maxTokens=6', 'train.updates=8', 'train.batchSize=8', 'train.checkpointEvery=3'].flatMap((one) => [
    '--set',
    one,
  ]),
];

beforeAll(async () => {
  await tinyModel(folder);
  const rows = Array.from({ length: 16 }, (_, i) => ({ question: `${i}+${i % 3}=?`, answer: i + (i % 3) }));
  writeFileSync(join(folder, 'q.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const judge = "export default (_question, response) => ({ equivalent: response.length % 2 === 0, how: 'even' });\n";
  writeFileSync(join(folder, 'even.mjs'), judge);
});

const hash = (path: string): string =>
  createHash('sha256')
    .update(readFileSync(join(folder, path)))
    .digest('hex');
/** Everything of a run that must repeat: weights, trees, rows, answers and losses; not the clock. */
const outcome = (out: string): Record<string, string> => ({
  ...Object.fromEntries(
    (readdirSync(join(folder, out), { recursive: true }) as string[])
      .filter((name) => /\.(tree|safetensors)$|^(rows|answers)-|^summary/.test(name))
      .sort()
      .map((name) => [name, hash(join(out, name))]),
  ),
  losses: JSON.stringify(losses(out)),
});
const losses = (out: string): number[] =>
  metricLines(readFileSync(join(folder, out, 'metrics.jsonl'), 'utf8')).map(({ loss }) => Number(loss));

test('rounds of search, training and measurement; the printed program gives the same losses and answers', async () => {
  const ended = await svo(folder, [...rounds, '--out', 'straight']);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  const done = ended.events.at(-1) as {
    base: { right: number };
    diagnoses: object[];
    rounds: { score: { right: number } }[];
  };
  expect(done.rounds).toHaveLength(2);
  const [first] = metricLines(readFileSync(join(folder, 'straight', 'metrics.jsonl'), 'utf8'));
  expect(first).toMatchObject({ step: 1, 'material/mixed': expect.any(Number) });
  expect(done.diagnoses).toEqual(expect.any(Array));
  const { out: code } = await svo(folder, [...rounds, '--out', 'straight', '--print-code']);
  const before = outcome('straight');
  const printed = await runPrinted(folder, code);
  expect(printed.err).toBe('');
  expect(printed.events.flatMap(({ loss }) => loss ?? [])).toEqual(losses('straight'));
  const right = printed.events.flatMap((event) => ('all' in event ? [event.right] : []));
  expect(right).toEqual([done.base.right, ...done.rounds.map(({ score }) => score.right)]);
  expect(outcome('straight')).toEqual(before);
});

/** Where a run is interrupted: what it said last. */
const said = ['"stage":"base"', '"unit":"trees"', '"unit":"updates"', '"stage":"round-2","unit":"questions"'];
/** Where it is killed: the file that was written last, and how often. `pnpm fuzz` goes to every place. */
const written = ['3 trees/round-1', '2 answers-base', '5 metrics.jsonl', '2 answers-round-2'];
const kills = process.env.SVO_EVERY_PLACE === undefined ? written.slice(0, 1) : written;

test('interrupted at every place in turn, a run ends as the one that never was', async () => {
  const args = [...rounds, '--out', 'interrupted'];
  for (const place of said) {
    const ended = await svo(folder, args, (line, interrupt) => {
      if (line.includes(place)) interrupt();
    });
    expect(ended.code, place).toBe(130);
  }
  expect((await svo(folder, args)).code).toBe(0);
  expect(outcome('interrupted')).toEqual(outcome('straight'));
});

test.each(kills)('killed at %s, a run ends as the one that never was', async (place) => {
  const out = `killed ${kills.indexOf(place)}`;
  const args = [...rounds, '--out', out];
  await killed(folder, args, place);
  expect((await svo(folder, args)).code).toBe(0);
  expect(outcome(out)).toEqual(outcome('straight'));
});

test('a search leaves trees and TRL rows, on which svo train learns; draws beside trees', async () => {
  for (const from of ['trees', 'draws']) {
    const args = ['search', '--model', 'model', '--data', 'q.jsonl', ...small, '--set', `search.from=${from}`];
    const ended = await svo(folder, [...args, '--out', from]);
    expect([ended.err, ended.code]).toEqual(['', 0]);
    const rows = readFileSync(join(folder, from, 'rows-search.jsonl'), 'utf8');
    expect(ended.events.at(-1)).toMatchObject({
      event: 'done',
      trees: 16,
      failed: 0,
      rows: rows.trim().split('\n').length,
    });
    const { out: code } = await svo(folder, [...args, '--out', from, '--print-code']);
    rmSync(join(folder, from, 'rows-search.jsonl'));
    expect((await runPrinted(folder, code)).err).toBe('');
    expect(readFileSync(join(folder, from, 'rows-search.jsonl'), 'utf8')).toBe(rows);
    for (const data of [from, join(from, 'rows-search.jsonl')]) {
      const train = ['train', '--model', 'model', '--data', data, '--objective', 'dvo', '--out', `${data}-dvo`];
      const trained = await svo(folder, [...train, '--set', 'train.updates=3', '--set', 'train.batchSize=8']);
      expect([trained.err, trained.code]).toEqual(['', 0]);
    }
    // Trees and the rows made of them are the same material.
    expect(losses(`${from}-dvo`)).toEqual(losses(`${from}/rows-search.jsonl-dvo`));
  }
});

test('a round whose solutions a server draws, by one option; a server that is down fails with what to look at', async () => {
  const server = await fakeServer({ model: toyModel({ seed: 1 }) });
  const one = [...rounds, '--rounds', '1', '--set', 'server.name=toy'];
  const ended = await svo(folder, [...one, '--out', 'served', '--policy', server.url]);
  await server.close();
  expect([ended.err, ended.code]).toEqual(['', 0]);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', rounds: [{ failed: 0, updates: 8 }] });
  const down = await svo(folder, [...one, '--out', 'down', '--policy', server.url]);
  expect(down.code).toBe(1);
  expect(down.err).toContain('is the server up');
});

test('a search that was killed goes on with nothing but what it began with: questions, answers, judge and weights', async () => {
  cpSync(join(folder, 'model'), join(folder, 'own'), { recursive: true });
  for (const [from, to] of [
    ['q.jsonl', 'own.jsonl'],
    ['even.mjs', 'own.mjs'],
  ] as const)
    cpSync(join(folder, from), join(folder, to));
  const limits = ['iterations=4', 'stepTokens=6', 'depth=3', 'breadth=3'].flatMap((one) => ['--set', `search.${one}`]);
  for (const from of ['trees', 'draws']) {
    const args = [
      ...['search', '--model', 'own', '--data', 'own.jsonl', '--verifier', join(folder, 'own.mjs'), ...limits],
      ...['--set', `search.from=${from}`, '--out', `began ${from}`],
    ];
    await killed(folder, args, '3 trees/search');
    const changes: readonly [file: string, change: (text: Buffer) => string | Buffer, said: string][] = [
      ['own.jsonl', (text) => String(text).replace('"answer":0', '"answer":7'), 'question.answer was "0", is "7"'],
      [
        'own.jsonl',
        (text) => String(text).replace('0+0=?', '0+0 = ?'),
        'is a tree of none of the questions there are now',
      ],
      ['own.mjs', (text) => String(text).replace('=== 0', '=== 1'), 'verifier was'],
      ['own/model.safetensors', (bytes) => withLastByte(bytes, 0x40), 'policy was "search:'],
    ];
    for (const [file, change, message] of changes) {
      const before = readFileSync(join(folder, file));
      writeFileSync(join(folder, file), change(before));
      const ended = await svo(folder, args);
      expect(ended.code, message).not.toBe(0);
      expect(ended.err).toContain(message);
      writeFileSync(join(folder, file), before);
    }
    const ended = await svo(folder, args);
    expect([ended.err, ended.code]).toEqual(['', 0]);
  }
});

/** A weights file whose last number is another one: one weight of six thousand. */
const withLastByte = (bytes: Buffer, last: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[changed.length - 1] = last;
  return changed;
};
