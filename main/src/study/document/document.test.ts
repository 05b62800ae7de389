/** docs/study.md says what the committed rows say, and its advice rests on them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benchId } from '../cell.ts';
import { gradientMethods, settingsOf, tunedMethods } from '../parts.ts';
import { before, readRows } from '../results.ts';
import { chainsGrid, chainsSettings, tuningGrid } from '../tuning.ts';
import { filled } from './blocks.ts';
import { claims, readmeClaims } from './claims.ts';
import { plots } from './plots.ts';
import { accuracy, difference } from './scores.ts';
import { settingsClaims } from './settings-claims.ts';
import { ofTuning } from './split.ts';
import { chainsTuned, tuned } from './tables/tuning.ts';

const root = join(import.meta.dirname, '../../../..');
const rows = [...readRows(join(root, 'benchmarks/results/study')).values()];
const page = readFileSync(join(root, 'docs/study.md'), 'utf8');
const hint = 'run main/src/study/document/write.ts';

test('every table is what the rows give', () => {
  expect(filled(page, rows), hint).toBe(page);
});

test('the README’s table of seeds is what the runs came to', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  expect(filled(readme, rows), hint).toBe(readme);
});

test('every plot is what the rows give', () => {
  const folder = join(root, 'docs/study');
  const drawn = plots(rows);
  expect(readdirSync(folder).toSorted(), hint).toEqual(Object.keys(drawn).toSorted());
  for (const [name, svg] of Object.entries(drawn)) expect(readFileSync(join(folder, name), 'utf8'), hint).toBe(svg);
});

test('rows of one bench agree in their arithmetic, but for those that say they are older', () => {
  const benches = new Map<string, Set<string>>();
  for (const { cell, bits } of rows.filter((row) => row.bits !== before)) {
    const known = benches.get(benchId(cell)) ?? new Set();
    benches.set(benchId(cell), known.add(bits));
  }
  expect([...benches].filter(([, bits]) => bits.size > 1)).toEqual([]);
});

test('an accuracy or a difference is of one arithmetic, the one with more data seeds', () => {
  const { cell } = rows[0]!;
  const row = (method: 'dvo' | 'rft', seed: number, sampled: number, bits: string) => ({
    ...{ cell: { ...cell, method, seed }, greedy: 0, sampled, of: 100, seconds: 1, bits },
  });
  const older = [row('dvo', 1, 10, before), row('dvo', 2, 10, before), row('rft', 1, 5, before)];
  const mixed = [...older, row('dvo', 1, 90, 'a'), row('rft', 2, 80, 'b')];
  expect(accuracy(mixed, { method: 'dvo' }, 'sampled')).toMatchObject({ mean: 10, seeds: 2, older: true });
  expect(accuracy([...mixed, row('dvo', 2, 90, 'b')], { method: 'dvo' }, 'sampled')).toMatchObject({
    mean: 90,
    older: false,
  });
  expect(difference(mixed, [{ method: 'dvo' }, { method: 'rft' }], 'sampled')).toMatchObject({
    mean: 5,
    seeds: 1,
    older: true,
  });
});

const choosing = ofTuning(rows);

test.each(
  [...new Set([...tunedMethods, ...gradientMethods])].filter(
    (method) => tuned(choosing, method).length === tuningGrid[method].length,
  ),
)('%s is trained with the best of what was tried', (method) => {
  expect(settingsOf(method)).toEqual(tuned(choosing, method)[0]!.settings);
});

const onChains = (Object.keys(chainsGrid) as (keyof typeof chainsGrid)[]).filter(
  (method) => chainsTuned(choosing, method).length === chainsGrid[method].length,
);
test.runIf(onChains.length > 0).each(onChains)('%s on the chains too', (method) => {
  expect(chainsSettings[method]).toEqual(chainsTuned(choosing, method)[0]!.settings);
});

test.each(claims)('“%s” rests on the rows', (words, rests) => {
  expect(page.replaceAll('\n', ' ')).toContain(words);
  expect(rests(rows)).toBe(true);
});

const settingsPage = readFileSync(join(root, 'docs/hyper-parameters.md'), 'utf8');

test('the tables of docs/hyper-parameters.md are what the rows give', () => {
  expect(filled(settingsPage, rows), hint).toBe(settingsPage);
});

test.each(settingsClaims)('hyper-parameters: “%s” rests on the rows', (words, rests) => {
  expect(settingsPage.replaceAll('\n', ' ')).toContain(words);
  expect(rests(rows)).toBe(true);
});

test.each(readmeClaims)('README: “%s” rests on the runs', (words, rests) => {
  expect(readFileSync(join(root, 'README.md'), 'utf8').replaceAll('\n', ' ')).toContain(words);
  expect(rests()).toBe(true);
});
