import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { freshFolder } from '../test-support/fresh-folder.ts';
import { writeWhole } from './write-whole.ts';

test('text, bytes, pieces as they come, or what a function writes; folders above are made', async () => {
  const folder = `${freshFolder()}/a/b`;
  const path = `${folder}/file`;
  await writeWhole(path, 'text ö');
  expect(readFileSync(path, 'utf8')).toBe('text ö');
  await writeWhole(path, Uint8Array.of(104, 105));
  expect(readFileSync(path, 'utf8')).toBe('hi');
  await writeWhole(
    path,
    (async function* () {
      yield 'one ';
      yield new TextEncoder().encode('two');
    })(),
  );
  expect(readFileSync(path, 'utf8')).toBe('one two');
  await writeWhole(path, (temporary) => writeFile(temporary, 'by hand'));
  expect(readFileSync(path, 'utf8')).toBe('by hand');
  await writeWhole(path, '');
  expect(readFileSync(path, 'utf8')).toBe('');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a reader sees the old file until the new one is whole', async () => {
  const path = `${freshFolder()}/file`;
  writeFileSync(path, 'old');
  await writeWhole(
    path,
    (function* () {
      yield 'ne';
      expect(readFileSync(path, 'utf8')).toBe('old');
      yield 'w';
    })(),
  );
  expect(readFileSync(path, 'utf8')).toBe('new');
});

test('when writing fails the old file stays and nothing is left behind', async () => {
  const folder = freshFolder();
  writeFileSync(`${folder}/file`, 'old');
  const failing = function* () {
    yield 'half';
    throw new Error('no more');
  };
  await expect(writeWhole(`${folder}/file`, failing())).rejects.toThrow('no more');
  const byHand = async (temporary: string): Promise<void> => {
    await writeFile(temporary, 'half');
    throw new Error('disk full');
  };
  await expect(writeWhole(`${folder}/file`, byHand)).rejects.toThrow('disk full');
  mkdirSync(`${folder}/taken`);
  await expect(writeWhole(`${folder}/taken`, 'x')).rejects.toThrow(/EISDIR|EPERM|ENOTEMPTY/);
  expect(readFileSync(`${folder}/file`, 'utf8')).toBe('old');
  expect(readdirSync(folder).sort()).toEqual(['file', 'taken']);
});

test('a file that is replaced keeps its permissions', async () => {
  const path = `${freshFolder()}/secret`;
  writeFileSync(path, 'old');
  chmodSync(path, 0o600);
  await writeWhole(path, 'new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await writeWhole(path, (temporary) => writeFile(temporary, 'newer'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('ten writers at once: one of them wins whole', async () => {
  const folder = freshFolder();
  const contents = Array.from({ length: 10 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(contents.map((content) => writeWhole(`${folder}/file`, content)));
  expect(contents).toContain(readFileSync(`${folder}/file`, 'utf8'));
  expect(readdirSync(folder)).toEqual(['file']);
});

test('sweeps up after dead processes; leaves those of living ones alone, and another machine’s for a day', async () => {
  const folder = freshFolder();
  // Process ids end well below 2³¹; 1 is always alive, and no host has this name.
  const here = hostname().replace(/[^A-Za-z0-9.]/g, '');
  const [dead, old] = [`.saving-2147483646-${here}-0`, `.saving-${process.pid}-elsewhere-1`];
  const living = [`.saving-1-${here}-0`, `.saving-${process.pid}-elsewhere-2`];
  const kept = [...living, '.saving-x', '.savings', 'file', `.previous-2147483646-${here}-0-other`];
  for (const name of [dead, old, ...kept]) mkdirSync(`${folder}/${name}`);
  utimesSync(`${folder}/${old}`, 0, 0);
  await writeWhole(`${folder}/new`, '');
  expect(readdirSync(folder).sort()).toEqual([...kept, 'new'].sort());
});
