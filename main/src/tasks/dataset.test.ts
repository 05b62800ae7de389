import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OptionError } from '../options.ts';
import { traceTask } from './dataset.ts';

const gsm8k = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'gsm8k-train.jsonl');

test.skipIf(!existsSync(gsm8k))(
  'GSM8K: all 7,473 and 1,319 rows are read, used or counted with their reason, and disjoint',
  async () => {
    const { solutions, questions, test: unseen, rows } = await traceTask(gsm8k);
    expect(rows.map(({ read }) => read)).toEqual([7473, 1319]);
    for (const { read, used, reasons } of rows) {
      expect(used + Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(read);
      expect(used / read).toBeGreaterThan(0.8);
      console.log(`GSM8K: ${used} of ${read} rows used; ${JSON.stringify(reasons)}`);
    }
    const learned = [...solutions.map(({ question }) => question), ...questions];
    const prompts = new Set(learned.map(({ prompt }) => prompt));
    expect(prompts.size).toBe(learned.length);
    expect(unseen.some(({ prompt }) => prompts.has(prompt))).toBe(false);
  },
);

test('a dataset that is not there, or that is nothing, is refused by name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'svo-'));
  await expect(traceTask(join(folder, 'data.jsonl'))).rejects.toThrow('expected a file named …train….jsonl');
  await expect(traceTask(join(folder, 'train.jsonl'))).rejects.toThrow('--data: no file');
  for (const name of ['train.jsonl', 'test.jsonl'])
    writeFileSync(join(folder, name), '{"question": "?", "answer": "none"}\nnot json\n');
  await expect(traceTask(join(folder, 'train.jsonl'))).rejects.toThrow(/holds no usable row of 2 .*"no annotations":1/);
  await expect(traceTask(join(folder, 'train.jsonl'))).rejects.toThrow(OptionError);
});
