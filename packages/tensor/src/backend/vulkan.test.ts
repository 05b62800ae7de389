import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vulkanDrivers } from './vulkan.ts';

describe('vulkanDrivers', () => {
  it('finds descriptions where the loader does, and nothing where there are none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'svo-vulkan-'));
    const empty = { HOME: folder, XDG_CONFIG_DIRS: folder, XDG_DATA_DIRS: folder };
    const before = await vulkanDrivers(empty);
    await mkdir(join(folder, 'vulkan', 'icd.d'), { recursive: true });
    await writeFile(join(folder, 'vulkan', 'icd.d', 'here.json'), '{}');
    await writeFile(join(folder, 'vulkan', 'icd.d', 'readme.txt'), '');
    const after = await vulkanDrivers({ ...empty, XDG_CONFIG_DIRS: '/nowhere' });
    expect(after.filter((file) => !before.includes(file))).toEqual([join(folder, 'vulkan', 'icd.d', 'here.json')]);
  });

  it('where files or folders are named, looks nowhere else', async () => {
    expect(await vulkanDrivers({ VK_ICD_FILENAMES: '/a/one.json:/b/two.json' })).toEqual([
      '/a/one.json',
      '/b/two.json',
    ]);
    expect(await vulkanDrivers({ VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/a/one.json' })).toEqual([]);
  });
});
