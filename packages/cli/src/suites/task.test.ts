/** `--task`: a data set's own rows, asked and judged as its preset says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runPrinted } from '../test-support/program.ts';
import { freshFolder, svo } from '../test-support/svo.ts';
import { tinyModel } from '../test-support/tiny-model.ts';

const folder = freshFolder();
const small = ['--set', 'eval.samples=2', '--set', 'eval.temperature=1', '--set', 'eval.maxTokens=6'];
const write = (name: string, rows: readonly object[]): void =>
  writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const answers = (out: string) =>
  readFileSync(join(folder, out, 'answers-eval.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { prompt: string; answer: string });

/** A task of one's own, as a user copies one: sums, right where the sum is said somewhere. */
const own = `export default {
  name: 'sums',
  read: ({ a, b }) => ({ prompt: a + '+' + b, answer: String(a + b) }),
  template: '{question}=?',
  format: { id: 'whole', delimiter: '', stop: [], split: (t) => (t === '' ? [] : [t]), join: (s) => s.join(''), isTerminal: () => true, answer: (t) => t, delimiterLength: () => 0 },
  verifier: Object.assign((question, response) => ({ equivalent: response.length % 2 === 0, how: 'even' }), { id: 'sums' }),
};
`;

beforeAll(async () => {
  await tinyModel(folder);
  const choices = { text: ['a stone', 'a cork'], label: ['1', '2'] };
  write('arc.jsonl', [
    { id: 'x', question: 'What floats?', choices, answerKey: '2', response: 'Final Answer: B' },
    { id: 'y', question: 'What sinks?', choices, answerKey: '1', response: 'Final Answer: B' },
    { id: 'z', question: 'What?', answerKey: '1', response: 'Final Answer: B' },
  ]);
  write('two.jsonl', [
    { id: 'x', question: 'What floats?', choices, answerKey: '2' },
    { id: 'y', question: 'What sinks?', choices, answerKey: '1' },
  ]);
  write(
    'sums.jsonl',
    Array.from({ length: 8 }, (_, i) => ({ a: i, b: 2 })),
  );
  writeFileSync(join(folder, 'sums.mjs'), own);
});

test('a named task reads its rows, asks by its template and judges; the printed program comes to the same', async () => {
  const args = ['eval', '--model', 'model', '--test', 'two.jsonl', '--task', 'arc', ...small, '--out', 'arc'];
  const ended = await svo(folder, [...args, '--set', 'prompt.chat=false']);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  const [first] = answers('arc');
  expect(first!.prompt).toContain('Choose the right answer.');
  expect(first!.prompt).toContain('What floats?\n(A) a stone\n(B) a cork');
  expect(first!.answer).toBe('B');
  const { right, responses } = ended.events.at(-1) as { right: number; responses: number };
  const { out: code } = await svo(folder, [...args, '--set', 'prompt.chat=false', '--print-code']);
  expect(code).toContain("import { arc } from '@svo/recipes/tasks';");
  const printed = await runPrinted(folder, code);
  expect(printed.err).toBe('');
  expect(printed.events.at(-1)).toMatchObject({ right, all: responses });
});

test('what is said beside a task comes first', async () => {
  const said = ['--set', 'prompt.template=Q {question}', '--verifier', './even.mjs', '--out', 'said'];
  writeFileSync(join(folder, 'even.mjs'), "export default () => ({ equivalent: true, how: 'all' });\n");
  const args = ['eval', '--model', 'model', '--test', 'two.jsonl', '--task', 'obqa', ...small, ...said];
  const ended = await svo(folder, [...args, '--set', 'prompt.chat=false']);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', right: 4, responses: 4 });
  expect(answers('said')[0]!.prompt).toBe('Q What floats?\n(A) a stone\n(B) a cork');
});

test('a task of one’s own in a module, through a search and a training; its printed program grows the same trees', async () => {
  const search = ['iterations=4', 'stepTokens=6', 'depth=2', 'breadth=3'].flatMap((one) => ['--set', `search.${one}`]);
  const args = [
    'search',
    '--model',
    'model',
    '--data',
    'sums.jsonl',
    '--task',
    './sums.mjs',
    ...search,
    '--out',
    'own',
  ];
  const ended = await svo(folder, args);
  expect([ended.err, ended.code]).toEqual(['', 0]);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', trees: 8, failed: 0 });
  const rows = readFileSync(join(folder, 'own', 'rows-search.jsonl'), 'utf8');
  expect(rows).toContain('Q: 0+2=?');
  const { out: code } = await svo(folder, [...args, '--print-code']);
  const printed = await runPrinted(folder, code.replace("'./sums.mjs'", `'${join(folder, 'sums.mjs')}'`));
  expect(printed.err).toBe('');
  expect(readFileSync(join(folder, 'own', 'rows-search.jsonl'), 'utf8')).toBe(rows);
});

test('a data set’s own rows with responses beside them are judged; one that is none says why', async () => {
  const ended = await svo(folder, ['judge', 'arc.jsonl', '--task', 'arc']);
  expect(ended.code).toBe(0);
  expect(ended.events.map(({ correct }) => correct)).toEqual([true, false, null]);
  expect(ended.events[2]!.how).toContain('options were expected');
});

test.each([
  ['a name', ['--task', 'obka'], "task: there is no 'obka' (did you mean 'obqa'?)"],
  [
    'no task',
    ['--task', './even.mjs'],
    'task: ./even.mjs must have a default export { name, read, template, format, verifier }',
  ],
  ['columns', ['--task', 'arc', '--set', 'columns.prompt=q'], "columns.prompt: task 'arc' reads its rows by itself"],
])('%s that is wrong is named', async (_what, args, said) => {
  const { code, err } = await svo(folder, [
    'eval',
    '--model',
    'model',
    '--test',
    'two.jsonl',
    ...small,
    '--out',
    'no',
    ...args,
  ]);
  expect(err).toContain(said);
  expect(code).toBe(2);
});
