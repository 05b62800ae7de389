import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtInDataset, traceDataset } from './dataset.ts';
import { OptionError } from './options.ts';

test.each([1, 2, 3])('seed %i: training and test questions are disjoint, and none is drawn twice', (seed) => {
  const { train, test: unseen } = builtInDataset(seed, 6000, 500);
  const prompts = (list: typeof train) => new Set(list.map(({ question }) => question.prompt));
  expect(prompts(train).size).toBe(6000);
  expect(prompts(unseen).size).toBe(500);
  expect(train.some(({ question }) => prompts(unseen).has(question.prompt))).toBe(false);
});

test('more training questions do not change the test questions', () => {
  expect(builtInDataset(1, 10, 50).test).toEqual(builtInDataset(1, 2000, 50).test);
});

const gsm8k = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'gsm8k-train.jsonl');

test.skipIf(!existsSync(gsm8k))(
  'GSM8K: all 7,473 and 1,319 rows are read, used or counted with their reason, and disjoint',
  async () => {
    const { train, test: unseen, rows } = await traceDataset(gsm8k);
    expect(rows.map(({ read }) => read)).toEqual([7473, 1319]);
    for (const { read, used, reasons } of rows) {
      expect(used + Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(read);
      expect(used / read).toBeGreaterThan(0.8);
      console.log(`GSM8K: ${used} of ${read} rows used; ${JSON.stringify(reasons)}`);
    }
    const prompts = new Set(train.map(({ question }) => question.prompt));
    expect(unseen.some(({ question }) => prompts.has(question.prompt))).toBe(false);
  },
);

test('a dataset that is not there, or that is nothing, is refused by name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'svo-'));
  await expect(traceDataset(join(folder, 'data.jsonl'))).rejects.toThrow('expected a file named …train….jsonl');
  await expect(traceDataset(join(folder, 'train.jsonl'))).rejects.toThrow('--data: no file');
  for (const name of ['train.jsonl', 'test.jsonl'])
    writeFileSync(join(folder, name), '{"question": "?", "answer": "none"}\nnot json\n');
  await expect(traceDataset(join(folder, 'train.jsonl'))).rejects.toThrow(
    /holds no usable row of 2 .*"no annotations":1/,
  );
  await expect(traceDataset(join(folder, 'train.jsonl'))).rejects.toThrow(OptionError);
});
