/** docs/migration.md against the exports: every public name of before is where it was, or has one line that says where it went. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publicNames } from '../scripts/house/exports.ts';
import before from './golden/exports-before.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const now = publicNames(root);
const text = readFileSync(join(root, 'docs', 'migration.md'), 'utf8').split('\n');
const lines = text.filter((line) => line.startsWith('- '));

/** `a`, `b` of `@svo/x`: the names and their package; nothing for a side that speaks of no export. */
function side(text: string): { readonly names: readonly string[]; readonly from: string } | undefined {
  const { names, from } = /^(?<names>.*) of `(?<from>@svo\/[\w/]+)`$/.exec(text)?.groups ?? {};
  if (names === undefined || !/^(the same|`\w+`(, `\w+`)*)$/.test(names)) return undefined;
  return { names: [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name!), from: from! };
}

const renamed = lines.flatMap((line) => {
  const [left, right] = line.slice('- '.length).split(' → ');
  const old = side(left!);
  if (old === undefined) return [];
  const target = side(right!.replace(/:.*$/, ''));
  if (target === undefined) throw new Error(`docs/migration.md: no new name in '${line}'`);
  return [{ old, target: target.names.length > 0 ? target : { ...target, names: old.names } }];
});

test('every line has an arrow, none stands twice, and there is no table', () => {
  expect(lines.filter((line) => !line.includes(' → '))).toEqual([]);
  expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
  expect(text.filter((line) => line.startsWith('|'))).toEqual([]);
});

test('every name that left its package has one line', () => {
  const gone = Object.entries(before.names).flatMap(([from, names]) =>
    names
      .split(' ')
      .filter((name) => !now[from]?.includes(name))
      .map((name) => `${name} of ${from}`),
  );
  expect(gone.length).toBeGreaterThan(20);
  const told = renamed.flatMap(({ old }) => old.names.map((name) => `${name} of ${old.from}`));
  expect(gone.filter((name) => told.filter((other) => other === name).length !== 1)).toEqual([]);
});

test.each(renamed)('$old.names of $old.from → $target.names of $target.from', ({ target }) => {
  expect(target.names.filter((name) => !now[target.from]?.includes(name))).toEqual([]);
});
