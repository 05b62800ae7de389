/** What is wrong with a command line or a configuration is said by name, with the nearest that is known, and the program ends with 2. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allFlags } from '../config/arguments.ts';
import { freshFolder, svo } from '../test-support/svo.ts';

const folder = freshFolder();
mkdirSync(join(folder, 'model'));
mkdirSync(join(folder, 'full'));
writeFileSync(join(folder, 'full', 'letter.txt'), 'dear');
writeFileSync(join(folder, 'rows.jsonl'), '{"prompt":"a","chosen":"b","rejected":"c"}\n');
const given = ['--model', 'model', '--data', 'rows.jsonl', '--objective', 'dpo'];

const wrong: readonly (readonly [what: string, args: readonly string[], said: string])[] = [
  ['a command', ['trian'], "svo: there is no command 'trian' (did you mean 'train'?)"],
  ['a flag', ['train', '--modle', 'x'], "Unknown option '--modle' (did you mean '--model'?)"],
  [
    'a key of a section',
    ['train', ...given, '--set', 'train.learningrate=1'],
    "--set train.learningrate=1: unknown key 'train.learningrate' (did you mean 'train.learningRate'?)",
  ],
  [
    'a key at the wrong place',
    ['train', ...given, '--set', 'beta=1'],
    "--set beta=1: unknown key 'beta' (did you mean 'train.beta'?)",
  ],
  [
    'a value',
    ['train', ...given, '--set', 'train.batchSize=few'],
    '--set train.batchSize=few: train.batchSize must be a whole number, got "few"',
  ],
  ['a seed', ['train', ...given, '--seed', '-1'], '--seed'],
  ['no setting', ['train', ...given, '--set', 'train'], "--set: must be key=value or section.key=value, got 'train'"],
  ['an objective', ['train', ...given, '--objective', 'dop'], "objective: there is no 'dop' (did you mean 'dpo'?)"],
  ['no objective', ['train', '--model', 'model', '--data', 'rows.jsonl'], 'objective must be given'],
  ['no model', ['train', '--data', 'rows.jsonl', '--objective', 'dpo'], 'model must be given'],
  ['a model that is not there', ['train', ...given, '--model', './none'], "model: there is no './none' here"],
  ['weights behind a server', ['train', ...given, '--model', 'http://127.0.0.1:9'], "can't be trained"],
  ['data that are not there', ['train', ...given, '--data', 'none.jsonl'], "data: no file or folder 'none.jsonl'"],
  ['a folder without trees', ['train', ...given, '--data', 'full'], "data: 'full' holds no .tree file"],
  [
    'a folder of something else',
    ['train', ...given, '--out', 'full'],
    "--out: 'full' holds files that are no run of svo",
  ],
  ['nothing to resume', ['train', ...given, '--out', 'none', '--resume'], "--resume: there is no run in 'none'"],
  ['a configuration', ['train', '--config', 'none.yaml'], "--config: no file 'none.yaml'"],
  ['a judge', ['eval', '--model', 'model', '--test', 'rows.jsonl', '--verifier', 'maths'], "(did you mean 'math'?)"],
];

test.each(wrong)('%s', async (_what, args, said) => {
  const { code, out, err } = await svo(folder, args);
  expect(err).toContain(said);
  expect([code, out]).toEqual([2, '']);
  expect(existsSync(join(folder, 'none'))).toBe(false);
});

test('a file that a configuration names is named with its key; what is no configuration is refused', async () => {
  writeFileSync(join(folder, 'svo.config.json'), '{"train": {"betta": 0.1}, "rounds": 0}');
  const { code, err } = await svo(folder, ['train']);
  expect(err).toContain("svo.config.json: unknown key 'train.betta' (did you mean 'train.beta'?)");
  expect(err).toContain('svo.config.json: rounds must be at least 1, got 0');
  expect(code).toBe(2);
  writeFileSync(join(folder, 'list.yaml'), '- 1\n- 2\n');
  expect((await svo(folder, ['train', '--config', 'list.yaml'])).err).toContain('list.yaml: the configuration must be');
});

test('help says what there is, and ends with 0', async () => {
  const whole = await svo(folder, ['--help']);
  expect([whole.code, whole.err]).toEqual([0, '']);
  expect(whole.out).toContain('svo train');
  expect(allFlags.filter((flag) => !whole.out.includes(`--${flag}`))).toEqual([]);
  const one = await svo(folder, ['train', '--help']);
  expect(one.out).toContain('svo train --model ./model --data chat.jsonl --objective dpo');
});
