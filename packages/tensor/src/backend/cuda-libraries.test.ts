import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadLibraries } from './cuda-libraries.ts';

describe.runIf(process.platform === 'linux')('loadLibraries', () => {
  it('loads what is a library under NAME/lib, and names what is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'svo-nvidia-'));
    const maps = await readFile('/proc/self/maps', 'utf8');
    const libm = /\S*\/libm\.so\.6$|\S*\/libm-\S+\.so$/m.exec(maps)![0];
    const copy = join(folder, 'cuda_runtime', 'lib', 'libcopy.so.1');
    await mkdir(join(folder, 'cuda_runtime', 'lib'), { recursive: true });
    await cp(libm, copy);
    await mkdir(join(folder, 'broken', 'lib'), { recursive: true });
    await writeFile(join(folder, 'broken', 'lib', 'libbroken.so'), 'no library');
    await writeFile(join(folder, 'broken', 'lib', 'readme.txt'), 'not looked at');
    const { loaded, failed } = await loadLibraries(folder);
    expect(loaded.map((file) => basename(file))).toEqual(['libcopy.so.1']);
    expect(failed.map((file) => basename(file))).toEqual(['libbroken.so']);
    expect(await readFile('/proc/self/maps', 'utf8')).toContain(copy);
  });

  it('finds nothing where nothing is', async () => {
    expect(await loadLibraries(join(tmpdir(), 'svo-no-such-folder'))).toEqual({ loaded: [], failed: [] });
  });
});
