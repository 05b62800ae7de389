import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileExists, inFolder, jsonFile, readJsonFile, replaceFolder } from './files.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'svo-'));
function* failing(): Generator<Uint8Array> {
  yield Uint8Array.of(1);
  throw new Error('disk full');
}

test('replaceFolder makes a folder, and replaces one wholly: files of the old one are gone', async () => {
  const target = join(scratch(), 'deep', 'model');
  await replaceFolder(`${target}/`, [jsonFile('a.json', 1), jsonFile('b.json', 2)]);
  await replaceFolder(target, [jsonFile('b.json', { x: 3 })]);
  expect(readdirSync(target)).toEqual(['b.json']);
  expect(readFileSync(join(target, 'b.json'), 'utf8')).toBe('{\n  "x": 3\n}\n');
  expect(readdirSync(join(target, '..'))).toEqual(['model']);
});

test('a save that fails half way leaves the old folder as it was, and nothing beside it', async () => {
  const parent = scratch();
  const target = join(parent, 'model');
  await replaceFolder(target, [jsonFile('a.json', 1)]);
  await expect(replaceFolder(target, [jsonFile('a.json', 2), { name: 'b', chunks: failing() }])).rejects.toThrow(
    'disk full',
  );
  expect(readFileSync(join(target, 'a.json'), 'utf8')).toBe('1\n');
  expect(readdirSync(parent)).toEqual(['model']);
});

test('what a killed process left behind is in nobody’s way', async () => {
  const parent = scratch();
  const target = join(parent, 'model');
  mkdirSync(`${target}.saving`);
  writeFileSync(`${target}.saving/half`, 'x');
  mkdirSync(`${target}.previous`);
  await replaceFolder(target, [jsonFile('a.json', 1)]);
  expect(readdirSync(parent)).toEqual(['model']);
  expect(existsSync(join(target, 'half'))).toBe(false);
});

test('readJsonFile refuses what is too large, no JSON, no object, or ambiguous, naming the file', async () => {
  const path = join(scratch(), 'x.json');
  const reading = (text: string, maxBytes = 100): Promise<unknown> => {
    writeFileSync(path, text);
    return readJsonFile(path, maxBytes);
  };
  expect(await reading('{"a":1}')).toEqual({ a: 1 });
  await expect(reading('{"a":1}', 3)).rejects.toThrow(`${path}: expected at most 3 bytes, got 7`);
  await expect(reading('{')).rejects.toThrow(`${path}: not valid JSON`);
  await expect(reading('[1]')).rejects.toThrow(`${path}: expected a JSON object`);
  await expect(reading('{"a":1,"a":2}')).rejects.toThrow('appears twice');
});

test('paths', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'x'), '');
  expect(inFolder('a/b//', 'c')).toBe('a/b/c');
  expect([await fileExists(join(folder, 'x')), await fileExists(folder), await fileExists(join(folder, 'y'))]).toEqual([
    true,
    false,
    false,
  ]);
});
