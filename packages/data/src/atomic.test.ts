import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { writeAtomically } from './atomic.ts';
import { temporaryFolder } from './test-support/temporary.ts';

const folder = temporaryFolder();
const path = `${folder}/file`;

test('a reader sees the old file until the new one is whole', async () => {
  writeFileSync(path, 'old');
  await writeAtomically(path, async (temporary) => {
    await writeFile(temporary, 'ne');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await writeFile(temporary, 'new');
  });
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('when writing fails the old file stays and nothing is left behind', async () => {
  writeFileSync(path, 'old');
  const failing = writeAtomically(path, async (temporary) => {
    await writeFile(temporary, 'half');
    throw new Error('disk full');
  });
  await expect(failing).rejects.toThrow('disk full');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('two writers at once: one of them wins whole', async () => {
  const contents = ['a'.repeat(10_000), 'b'.repeat(10_000)];
  await Promise.all(contents.map((content) => writeAtomically(path, (temporary) => writeFile(temporary, content))));
  expect(contents).toContain(readFileSync(path, 'utf8'));
});
