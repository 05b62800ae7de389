/** The task of the guide: what it judges, that its whole round runs, and that the guide's table is what the rows say. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRng } from '@svo/mdp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawList, sorting, worked } from './task.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

const question = { id: 'q', prompt: '326154?\n\n', answer: '123456' };
const isRight = (...lines: string[]): boolean | undefined => sorting.verifier(question, lines.join('\n\n')).equivalent;

test('right is a swap a line, one line less than digits, and the list that they leave, sorted', () => {
  expect(isRight('126354', '123654', '123456', 'Final Answer: 123456')).toBe(true);
  expect(isRight('236154', '231654', '213654', '123654', '123564', 'Final Answer: 123564')).toBe(false);
  expect(isRight('236154', '231654', '213654', '123654', '123564', '123465', 'Final Answer: 123456')).toBe(false);
  // Said, and not done.
  expect(isRight('Final Answer: 123456')).toBe(false);
  expect(isRight('126354', '123654', 'Final Answer: 123456')).toBe(false);
  // No swap: three digits moved, none, another digit, one too many.
  expect(isRight('123456', 'Final Answer: 123456')).toBe(false);
  expect(isRight('126354', '126354', '123654', '123456', 'Final Answer: 123456')).toBe(false);
  expect(isRight('123356', '123456', 'Final Answer: 123456')).toBe(false);
  expect(isRight('1263547', '123456', 'Final Answer: 123456')).toBe(false);
  // Too many swaps, though each is one.
  const six = ['236154', '326154', '126354', '123654', '123564', '123465', '123456'];
  expect(isRight(...six, 'Final Answer: 123456')).toBe(false);
  expect(isRight('')).toBe(false);
  expect(() => sorting.read({ list: '12a' })).toThrow('list must be two to nine digits, got "12a"');
});

test('writers swap as they should, and are right where their lines sufficed', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.integer({ min: 2, max: 8 }), (seed, places) => {
      const [list, rng] = drawList(createRng(seed), places);
      const { prompt, steps } = worked(list, rng);
      const last = steps.at(-1)!.replace('Final Answer: ', '');
      const { answer = '' } = sorting.read({ list });
      expect(new Set(list).size).toBe(places);
      expect(steps.length).toBeLessThanOrEqual(places);
      expect(sorting.verifier({ id: 'q', prompt, answer }, steps.join('')).equivalent).toBe(last === answer);
    }),
  );
});

interface Row {
  readonly seed: number;
  readonly method: string;
  readonly greedy: number;
  readonly sampled: number;
}
const rowsOf = (text: string): Row[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('the whole round in small: a base that is right sometimes, and every objective on its draws', async ({
  signal,
}) => {
  const script = join(import.meta.dirname, 'compare.ts');
  const { stdout } = await run(process.execPath, ['--conditions=@svo/source', script, '1', 'short'], { signal });
  const rows = rowsOf(stdout);
  const methods = rows.map(({ method }) => method).filter((method) => !method.includes(','));
  expect(methods).toEqual(['base', 'rft', 'dpo', 'kto', 'step-dpo', 'dvo-response', 'dvo']);
  expect(rows[0]!.sampled).toBeGreaterThan(0.02);
  expect(rows[0]!.sampled).toBeLessThan(0.95);
});

/** A row a method, greedy and sampled of each seed in percent, as the guide shows it. */
function table(rows: readonly Row[]): string {
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  const methods = [...new Set(rows.map(({ method }) => method))];
  const percent = (share: number): string => (100 * share).toFixed(1);
  const cell = (method: string, seed: number): string => {
    const row = rows.find((one) => one.seed === seed && one.method === method);
    return row === undefined ? '–' : `${percent(row.greedy)} / ${percent(row.sampled)}`;
  };
  const lines = methods.map((method) => [method, ...seeds.map((seed) => cell(method, seed))]);
  return [['greedy / sampled, %', ...seeds.map((seed) => `seed ${seed}`)], ...lines]
    .map((cells) => cells.join(' | '))
    .join('\n');
}

test('the guide’s table is what the rows say', () => {
  const guide = readFileSync(join(root, 'docs/train-your-own-model.md'), 'utf8');
  const [, shown = ''] = /<!-- sorting -->\n\n([\s\S]*?)\n\n<!-- \/sorting -->/.exec(guide) ?? [];
  const cells = shown
    .split('\n')
    .filter((_, i) => i !== 1)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((one) => one.trim())
        .join(' | '),
    );
  const rows = rowsOf(readFileSync(join(root, 'benchmarks/results/sorting.jsonl'), 'utf8'));
  expect(cells.join('\n')).toBe(table(rows));
});

test('at the defaults every objective is above its base on every seed; at the hotter settings pairs are not', () => {
  const rows = rowsOf(readFileSync(join(root, 'benchmarks/results/sorting.jsonl'), 'utf8'));
  const of = (method: string): Row[] => rows.filter((row) => row.method === method);
  const base = of('base');
  expect(base).toHaveLength(3);
  for (const name of ['rft', 'dpo', 'kto', 'step-dpo', 'dvo-response', 'dvo']) {
    expect(of(name)).toHaveLength(3);
    for (const [i, { greedy, sampled }] of of(name).entries()) {
      expect(greedy, name).toBeGreaterThan(base[i]!.greedy);
      expect(sampled, name).toBeGreaterThan(base[i]!.sampled);
    }
  }
  for (const chosen of ['dpo, β 0.1, rate 0.0003', 'step-dpo, β 0.3, rate 0.0003'])
    expect(Math.max(...of(chosen).flatMap(({ greedy, sampled }) => [greedy, sampled]))).toBeLessThanOrEqual(0.05);
  for (const third of ['dpo, β 0.3, rate 0.0001', 'step-dpo, β 0.3, rate 0.0001']) {
    expect(of(third).every(({ sampled }, i) => sampled < base[i]!.sampled)).toBe(true);
    expect(of(third).filter(({ greedy }, i) => greedy < base[i]!.greedy)).toHaveLength(2);
  }
});
