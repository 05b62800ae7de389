/** `svo eval --value`: answers by beam search under what `svo train` left. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runPrinted } from '../test-support/program.ts';
import { freshFolder, svo } from '../test-support/svo.ts';
import { chatPairs, tinyModel } from '../test-support/tiny-model.ts';

const folder = freshFolder();
const jsonl = (name: string, rows: readonly object[]): void =>
  writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const short = ['--set', 'train.updates=3', '--set', 'train.batchSize=4'];
const steps = ['--set', 'eval.breadth=3', '--set', 'eval.depth=2', '--set', 'eval.stepTokens=6'];
const asked = ['eval', '--test', 'q.jsonl', '--verifier', './even.mjs', ...steps];
const answers = (out: string): string => readFileSync(join(folder, out, 'answers-eval.jsonl'), 'utf8');

beforeAll(async () => {
  await tinyModel(folder);
  chatPairs(join(folder, 'chat.jsonl'), 12);
  jsonl(
    'responses.jsonl',
    Array.from({ length: 12 }, (_, i) => ({ prompt: `${i}+1=?`, response: `${i + 1}`, reward: i % 2 === 0 ? 1 : -1 })),
  );
  jsonl(
    'labelled.jsonl',
    Array.from({ length: 12 }, (_, i) => ({ prompt: `${i}+1=?`, completion: `${i + 1}`, label: i % 2 === 0 })),
  );
  jsonl(
    'q.jsonl',
    Array.from({ length: 6 }, (_, i) => ({ question: `${i}+2=?`, answer: `${i + 2}` })),
  );
  const judge = "export default (_question, response) => ({ equivalent: response.length % 2 === 0, how: 'even' });\n";
  writeFileSync(join(folder, 'even.mjs'), judge);
});

test.each([
  ['outcome-value', 'labelled.jsonl', 'model'],
  ['svpo', 'chat.jsonl', 'svpo/model'],
  ['dqo', 'responses.jsonl', 'dqo/model', 'train.loss.importanceWeights=false'],
])(
  'what %s left ranks the steps; the printed program gets the same',
  async (objective, data, model, own = 'seed=1') => {
    const said = [...short, '--set', own, '--out', objective];
    const trained = ['train', '--model', 'model', '--data', data, '--objective', objective, ...said];
    expect(await svo(folder, trained)).toMatchObject({ err: '', code: 0 });
    const args = [
      ...asked,
      '--model',
      model,
      '--value',
      `${objective}/model`,
      '--beam',
      '2',
      '--out',
      `by-${objective}`,
    ];
    const ended = await svo(folder, args);
    expect([ended.err, ended.code]).toEqual(['', 0]);
    const done = ended.events.at(-1)!;
    expect(done).toMatchObject({ event: 'done', questions: 6, responses: 6, lost: 0 });
    const { out: code } = await svo(folder, [...args, '--print-code']);
    const printed = await runPrinted(folder, code.replace("'./even.mjs'", `'${join(folder, 'even.mjs')}'`));
    expect(printed.err).toBe('');
    expect(printed.events).toEqual([{ right: done.right, all: 6, accuracy: Number(done.right) / 6 }]);
  },
);

test('cut off, it goes on to the same answers; another beam is another run', async () => {
  const args = [...asked, '--model', 'svpo/model', '--value', 'svpo/model', '--beam', '2', '--out', 'by-svpo'];
  const whole = answers('by-svpo');
  writeFileSync(join(folder, 'by-svpo', 'answers-eval.jsonl'), whole.slice(0, whole.length / 2));
  rmSync(join(folder, 'by-svpo', 'summary.json'));
  expect((await svo(folder, args)).code).toBe(0);
  expect(answers('by-svpo')).toBe(whole);
  const other = await svo(folder, [...args, '--beam', '3']);
  expect([other.code, other.err.includes('guide.beam was 2, is 3')]).toEqual([2, true]);
});

test('a dry run counts every draw and both models', async () => {
  const args = [...asked, '--model', 'model', '--value', 'outcome-value/model', '--beam', '2', '--dry-run'];
  const { events } = await svo(folder, args);
  // 6 questions, 2 steps of 6 tokens: three continuations of the question, then of two beginnings each.
  expect(events[0]).toMatchObject({ event: 'estimate', questions: 6, most_written_tokens: 6 * 6 * (3 + 2 * 3) });
  const alone = await svo(folder, ['eval', '--model', 'model', '--test', 'q.jsonl', '--dry-run']);
  expect(Number(events[0]!.memory_bytes)).toBeGreaterThan(Number(alone.events[0]!.memory_bytes));
});

test.each([
  [['--beam', '2'], 'eval.beam: a beam search wants a value model that ranks its steps; give --value FOLDER'],
  [['--value', 'nowhere'], "value: there is no folder 'nowhere'"],
  [['--value', 'model'], 'loadValueModel: model must be a value network'],
  [['--value', 'dqo'], 'looks like a run; its model lies in dqo/model'],
  [['--value', 'dqo/model', '--set', 'eval.samples=4'], 'eval.samples: a beam search gives one answer a question'],
  [['--value', 'dqo/model', '--set', 'eval.temperature=0'], 'eval.temperature: must be above 0 for a beam search'],
  [['--value', 'dqo/model', '--beam', '0'], 'eval.beam'],
])('%j is refused, saying why', async (more, why) => {
  const bare = ['eval', '--test', 'q.jsonl', '--verifier', './even.mjs', '--model', 'model', '--out', 'refused'];
  const { code, err } = await svo(folder, [...bare, ...more]);
  expect([code === 0, err.includes(why) ? why : err]).toEqual([false, why]);
  rmSync(join(folder, 'refused'), { recursive: true, force: true });
});
