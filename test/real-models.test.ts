/** docs/real-models.md tells what SmolLM2 learned; its table is that of benchmarks/results/real-model-training.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { trainingTable } from '../benchmarks/real-models/training-table.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8');
/** The cells, however wide the formatter made the columns. */
const cells = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

test('the table of the trained model is that of its results', () => {
  const results = JSON.parse(read('benchmarks/results/real-model-training.json'));
  const between = /<!-- training -->([\s\S]*?)<!-- \/training -->/.exec(read('docs/real-models.md'))![1]!;
  expect(cells(between)).toEqual(cells(trainingTable(results)));
});
