import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileExists, inFolder, readJsonFile } from './files.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'svo-'));
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
