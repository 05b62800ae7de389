import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { freshFolder } from '../test-support/fresh-folder.ts';
import { jsonFile, removeFolder, wholeFolder, writeFolder } from './write-folder.ts';

const read = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]));

test('makes a folder, and replaces one wholly: files of the old one are gone', async () => {
  const parent = freshFolder();
  const folder = `${parent}/deep/model`;
  await writeFolder(`${folder}/`, [jsonFile('a.json', 1), { name: 'b', chunks: [Uint8Array.of(104), 'i'] }]);
  expect(read(folder)).toEqual({ 'a.json': '1\n', b: 'hi' });
  await writeFolder(folder, [jsonFile('b.json', { x: 3 })]);
  expect(read(folder)).toEqual({ 'b.json': '{\n  "x": 3\n}\n' });
  expect(readdirSync(`${parent}/deep`)).toEqual(['model']);
});

test('a write that fails half way leaves the old folder as it was, and nothing beside it', async () => {
  const parent = freshFolder();
  const failing = function* () {
    yield 'half';
    throw new Error('disk full');
  };
  await writeFolder(`${parent}/model`, [jsonFile('a.json', 1)]);
  const again = writeFolder(`${parent}/model`, [jsonFile('a.json', 2), { name: 'b', chunks: failing() }]);
  await expect(again).rejects.toThrow('disk full');
  expect(read(`${parent}/model`)).toEqual({ 'a.json': '1\n' });
  expect(readdirSync(parent)).toEqual(['model']);
});

test('without replace, a folder that has content is refused and stays', async () => {
  const parent = freshFolder();
  await writeFolder(`${parent}/a`, [{ name: 'x', chunks: 'first' }], { replace: false });
  const again = writeFolder(`${parent}/a`, [{ name: 'x', chunks: 'second' }], { replace: false });
  await expect(again).rejects.toThrow(/ENOTEMPTY|EEXIST/);
  expect(read(`${parent}/a`)).toEqual({ x: 'first' });
  expect(readdirSync(parent)).toEqual(['a']);
});

test('names that lead elsewhere, or come twice, are refused before anything is written', async () => {
  const parent = freshFolder();
  for (const name of ['../x', 'a/b', 'a\\b', '..', '.', '', 'a\0b'])
    await expect(writeFolder(`${parent}/a`, [{ name, chunks: '' }])).rejects.toThrow(
      'writeFolder: name must be the plain name of a file',
    );
  const twice = [jsonFile('a', 1), jsonFile('a', 2)];
  await expect(writeFolder(`${parent}/a`, twice)).rejects.toThrow('writeFolder: names must differ, got "a" twice');
  expect(readdirSync(parent)).toEqual([]);
});

test('where a replacement was killed between its two renames, the old content is found and the next write clears up', async () => {
  const parent = freshFolder();
  const hidden = `${parent}/.previous-2147483646-${hostname().replace(/[^A-Za-z0-9.]/g, '')}-0-model`;
  mkdirSync(hidden);
  writeFileSync(`${hidden}/a`, 'old');
  expect(read(await wholeFolder(`${parent}/model`))).toEqual({ a: 'old' });
  await writeFolder(`${parent}/model`, [{ name: 'a', chunks: 'new' }]);
  expect(await wholeFolder(`${parent}/model`)).toBe(`${parent}/model`);
  expect(read(`${parent}/model`)).toEqual({ a: 'new' });
  expect(readdirSync(parent)).toEqual(['model']);
});

test('five writers at once: one of them wins whole', async () => {
  const parent = freshFolder();
  const contents = Array.from({ length: 5 }, (_, i) => ({ x: String(i), [`only-${i}`]: '' }));
  await writeFolder(`${parent}/a`, [{ name: 'x', chunks: 'before' }]);
  const writing = contents.map((files) =>
    writeFolder(
      `${parent}/a`,
      Object.entries(files).map(([name, chunks]) => ({ name, chunks })),
    ),
  );
  expect((await Promise.allSettled(writing)).filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(contents).toContainEqual(read(`${parent}/a`));
});

test('removes a folder whole', async () => {
  const parent = freshFolder();
  await writeFolder(`${parent}/a`, [{ name: 'x', chunks: 'x' }]);
  await removeFolder(`${parent}/a`);
  expect(existsSync(`${parent}/a`)).toBe(false);
  expect(readdirSync(parent)).toEqual([]);
  await expect(removeFolder(`${parent}/a`)).rejects.toThrow('ENOENT');
});
