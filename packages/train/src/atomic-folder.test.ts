import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeFolder, writeFolder } from './atomic-folder.ts';

const fresh = () => mkdtemp(join(tmpdir(), 'svo-folder-'));
const bytes = (text: string) => new TextEncoder().encode(text);

describe('writeFolder', () => {
  it('writes all files, each from its pieces', async () => {
    const parent = join(await fresh(), 'new');
    await writeFolder(parent, 'a', [
      { name: 'x', chunks: [bytes('one '), bytes('two')] },
      { name: 'empty', chunks: [] },
    ]);
    expect(await readFile(join(parent, 'a', 'x'), 'utf8')).toBe('one two');
    expect(await readFile(join(parent, 'a', 'empty'), 'utf8')).toBe('');
    expect(await readdir(parent)).toEqual(['a']);
  });

  it('leaves nothing when a piece cannot be made', async () => {
    const parent = await fresh();
    const failing = function* () {
      yield bytes('half');
      throw new RangeError('no more');
    };
    await expect(writeFolder(parent, 'a', [{ name: 'x', chunks: failing() }])).rejects.toThrow('no more');
    expect(await readdir(parent)).toEqual([]);
  });

  it('never replaces a folder that has content', async () => {
    const parent = await fresh();
    await writeFolder(parent, 'a', [{ name: 'x', chunks: [bytes('first')] }]);
    await expect(writeFolder(parent, 'a', [{ name: 'x', chunks: [bytes('second')] }])).rejects.toThrow(
      /ENOTEMPTY|EEXIST/,
    );
    expect(await readFile(join(parent, 'a', 'x'), 'utf8')).toBe('first');
    expect(await readdir(parent)).toEqual(['a']);
  });

  it('removes a folder whole', async () => {
    const parent = await fresh();
    await writeFolder(parent, 'a', [{ name: 'x', chunks: [bytes('x')] }]);
    await removeFolder(parent, 'a');
    expect(await readdir(parent)).toEqual([]);
    await expect(removeFolder(parent, 'a')).rejects.toThrow('ENOENT');
  });

  it('sweeps up after dead processes, and leaves those of living ones alone', async () => {
    const parent = await fresh();
    // Process ids end well below 2³¹; 1 is always alive.
    await mkdir(join(parent, '.saving-2147483646-a'));
    await mkdir(join(parent, '.saving-1-b'));
    await writeFolder(parent, 'c', []);
    expect((await readdir(parent)).sort()).toEqual(['.saving-1-b', 'c']);
  });
});
