import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keptIn } from './kept.ts';

test('what was made is not made again, what failed is, and other settings are refused', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'svo-kept-')), 'run');
  const kept = await keptIn(folder, { draws: 8 });
  await expect(kept('sum', () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
  expect(await kept('sum', async () => ({ is: 3 }))).toEqual({ is: 3 });
  const again = await keptIn(folder, { draws: 8 });
  expect(await again('sum', async () => ({ is: 4 }))).toEqual({ is: 3 });
  await expect(keptIn(folder, { draws: 9 })).rejects.toThrow('{"draws":8}, got {"draws":9}');
});
