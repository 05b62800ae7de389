/** A writer is killed before each of its calls to the file system: what is left is the old content or the new, whole. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { freshFolder } from '../test-support/fresh-folder.ts';
import { wholeFolder, writeFolder } from '../whole/write-folder.ts';
import { writeWhole } from '../whole/write-whole.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../test-support/killed-writer.ts');

/** Calls made, or undefined when it was killed. */
const writer = async (kind: string, path: string, content: string, before: number): Promise<number | undefined> => {
  const { stdout } = await run(process.execPath, [script, kind, path, content, String(before)]).catch((error) => {
    expect(error.signal).toBe('SIGKILL');
    return { stdout: undefined };
  });
  return stdout === undefined ? undefined : Number(stdout);
};

const kinds = {
  file: {
    write: (path: string) => writeFileSync(path, 'old'),
    again: (path: string) => writeWhole(path, 'next'),
    read: async (path: string) => readFileSync(path, 'utf8'),
    wanted: (content: string) => content,
  },
  folder: {
    write: (path: string) => writeFolder(path, [{ name: 'a', chunks: 'old' }]),
    again: (path: string) => writeFolder(path, [{ name: 'a', chunks: 'next' }]),
    read: async (path: string) => {
      const folder = await wholeFolder(path);
      return readdirSync(folder)
        .map((name) => `${name}: ${readFileSync(`${folder}/${name}`, 'utf8')}`)
        .join(', ');
    },
    wanted: (content: string) => (content === 'new' ? 'a: new, b: new' : `a: ${content}`),
  },
};

describe.each(['file', 'folder'] as const)('a %s that is replaced', (kind) => {
  const { write, again, read, wanted } = kinds[kind];

  test('is old or new at every moment; the next write leaves nothing of the killed ones', async () => {
    const parent = freshFolder();
    const path = `${parent}/it`;
    await write(path);
    const calls = (await writer(kind, path, 'new', 0))!;
    expect(calls).toBeGreaterThan(8);
    const seen: string[] = [];
    for (let before = 1; before <= calls; before++) {
      await write(path);
      expect(await writer(kind, path, 'new', before)).toBeUndefined();
      const content = await read(path);
      expect([wanted('old'), wanted('new')]).toContain(content);
      seen.push(content);
    }
    // First old, then new, and never back.
    expect(seen.indexOf(wanted('new'))).toBeGreaterThan(0);
    expect(seen.slice(seen.indexOf(wanted('new')))).not.toContain(wanted('old'));
    await again(path);
    expect(await read(path)).toBe(wanted('next'));
    expect(readdirSync(parent)).toEqual(['it']);
  });
});
