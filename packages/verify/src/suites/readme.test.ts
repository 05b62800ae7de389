/** The table of kinds in the README, row by row. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isEquivalent } from '../index.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const words = { equal: true, different: false, undecided: undefined } as const;
const rows = [
  ...readme.matchAll(/^\| ([^|`]+?) +\| `([^`]+)` +\| `([^`]+)` +\| (equal|different|undecided) +\| ([^|]+?) +\|$/gm),
].map(([, kind, gold, prediction, verdict, how]) => ({
  kind: kind!,
  gold: gold!,
  prediction: prediction!,
  equivalent: words[verdict as 'equal'],
  how: how!.trim(),
}));

test('the table has every kind', () => {
  expect(rows.length).toBeGreaterThan(50);
  expect(new Set(rows.map((row) => row.kind)).size).toBeGreaterThan(20);
});

test.each(rows)('$kind: $gold and $prediction', ({ gold, prediction, equivalent, how }) => {
  expect(isEquivalent(gold, prediction)).toEqual({ equivalent, how });
});
